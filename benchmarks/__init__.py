"""Speed and scale, run by hand; README.md here says how."""
