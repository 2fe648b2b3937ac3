// Runs before the first paint: where the reader has not chosen, the page takes the system's light or dark.
const root = document.documentElement;
if (root.dataset.themeChoice === "auto") {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  apply();
  dark.addEventListener("change", () => root.dataset.themeChoice === "auto" && apply());
}
