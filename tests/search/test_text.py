from search.pinyin import readings
from search.text import document, normalise, query_terms, term_tokens


class TestNormalise:
    def test_folds_width_case_accents_and_punctuation(self):
        assert normalise("ＨｕａＷｅｉ（上海）Café, Ltd.") == "huawei 上海 cafe ltd"

    def test_writes_traditional_characters_as_simplified(self):
        assert normalise("華嶺機械製造（臺灣）") == "华岭机械制造 台湾"

    def test_leaves_nothing_that_a_query_could_trip_over(self):
        assert normalise("\"%_*:'\\ \x00 😀 -- ;()") == ""


class TestQueryTerms:
    def test_splits_at_spaces(self):
        assert query_terms(" 华岭  Tech ") == ["华岭", "tech"]

    def test_is_bounded(self):
        assert len(query_terms("a " * 1000)) == 6
        assert len("".join(query_terms("x" * 100_000))) == 100


class TestTermTokens:
    def test_chinese_pairs_latin_triples(self):
        assert term_tokens("华岭科技") == {"华岭", "岭科", "科技"}
        assert term_tokens("hual") == {"hua", "ual"}

    def test_short_terms(self):
        assert term_tokens("华") == {"华"}
        assert term_tokens("hl") == {"hl"}

    def test_skips_the_end_of_a_latin_word_that_is_too_short_to_be_indexed(self):
        assert term_tokens("ch华岭") == {"华岭"}


class TestReadings:
    def test_surnames_are_read_both_ways(self):
        assert readings("曾仕") == [("ceng", "shi"), ("zeng", "shi")]
        assert readings("单氏") == [("dan", "shi"), ("shan", "shi")]
        assert readings("尉迟山")[-1] == ("yu", "chi", "shan")

    def test_words_of_several_readings(self):
        assert readings("重庆")[0] == ("chong", "qing")
        assert readings("银行")[0] == ("yin", "hang")


class TestDocument:
    def test_has_every_token_that_a_part_of_it_is_looked_for_by(self):
        text, tokens = document(["北京（华岭）科技有限公司", "Hualing Technology"], ["KA-0012", "91310115MA1K35KX05"])
        pieces = ["北京华岭", "岭", "科技有限", "hualing", "lingke", "hlkj", "tech", "ka0012", "0012", "ka1k", "1k35kx"]
        for piece in pieces:
            if piece != "ka1k":
                assert piece in text
                assert term_tokens(piece) <= set(tokens.split())
        assert not term_tokens("ka1k") <= set(tokens.split())
