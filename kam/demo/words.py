"""The words of which the demo's names are put together. Any likeness to a real name is chance."""

from __future__ import annotations

from typing import NamedTuple

from accounts.choices import Industry, Region

# Chinese brands: one of the first and one of the second; rare together, so that no known company answers to them.
BRAND_FIRST = {
    "澄": "Cheng", "岚": "Lan", "汐": "Xi", "屿": "Yu", "砚": "Yan", "昱": "Yu", "珩": "Heng", "峤": "Qiao", "霁": "Ji",
    "沅": "Yuan", "泓": "Hong", "翊": "Yi", "桉": "An", "栩": "Xu", "筠": "Yun", "湜": "Shi", "朔": "Shuo", "衡": "Heng",
    "曜": "Yao", "峙": "Zhi", "邈": "Miao", "砺": "Li", "昀": "Yun", "琅": "Lang", "槿": "Jin", "蔚": "Wei", "岫": "Xiu",
    "澍": "Shu", "垣": "Yuan", "晗": "Han", "澹": "Dan", "穗": "Sui", "霖": "Lin", "崧": "Song", "洵": "Xun", "珺": "Jun",
    "苒": "Ran", "钧": "Jun", "骐": "Qi", "榕": "Rong",
}  # fmt: skip
BRAND_SECOND = {
    "禾": "he", "垚": "yao", "桐": "tong", "翎": "ling", "骏": "jun", "舸": "ge", "澜": "lan", "岑": "cen", "墨": "mo",
    "拓": "tuo", "宸": "chen", "棹": "zhao", "穹": "qiong", "晏": "yan", "铎": "duo", "柏": "bai", "陌": "mo", "岱": "dai",
    "濯": "zhuo", "序": "xu", "渡": "du", "攸": "you", "畔": "pan", "帆": "fan", "弦": "xian", "栎": "li", "锴": "kai",
    "朗": "lang", "峪": "yu", "圻": "qi",
}  # fmt: skip
TRADITIONAL = str.maketrans(
    "岚屿砚峤霁砺骐骏澜铎锴机械电气设备材料业务贸医疗环检测仪软讯网络达运输营养纸装饰与无线缆轴轮泵阀门涂装广东团",
    "嵐嶼硯嶠霽礪騏駿瀾鐸鍇機械電氣設備材料業務貿醫療環檢測儀軟訊網絡達運輸營養紙裝飾與無線纜軸輪泵閥門塗裝廣東團",
)


class City(NamedTuple):
    name: str
    english: str
    region: Region
    division: str  # the six digits of the administrative division in a credit code
    code: str  # dialling code


CITIES = [
    City(name, english, Region(region), division, code)
    for name, english, region, division, code in (
        line.split()
        for line in """
        北京 Beijing north 110105 010
        天津 Tianjin north 120116 022
        石家庄 Shijiazhuang north 130102 0311
        唐山 Tangshan north 130202 0315
        太原 Taiyuan north 140105 0351
        保定 Baoding north 130602 0312
        呼和浩特 Hohhot north 150102 0471
        沈阳 Shenyang northeast 210102 024
        大连 Dalian northeast 210202 0411
        长春 Changchun northeast 220102 0431
        哈尔滨 Harbin northeast 230102 0451
        上海 Shanghai east 310115 021
        苏州 Suzhou east 320505 0512
        南京 Nanjing east 320106 025
        无锡 Wuxi east 320213 0510
        常州 Changzhou east 320402 0519
        南通 Nantong east 320602 0513
        杭州 Hangzhou east 330106 0571
        宁波 Ningbo east 330203 0574
        嘉兴 Jiaxing east 330402 0573
        台州 Taizhou east 331002 0576
        合肥 Hefei east 340104 0551
        芜湖 Wuhu east 340202 0553
        青岛 Qingdao east 370202 0532
        济南 Jinan east 370102 0531
        烟台 Yantai east 370602 0535
        厦门 Xiamen east 350203 0592
        福州 Fuzhou east 350102 0591
        南昌 Nanchang east 360102 0791
        武汉 Wuhan central 420106 027
        襄阳 Xiangyang central 420602 0710
        长沙 Changsha central 430102 0731
        株洲 Zhuzhou central 430202 0731
        郑州 Zhengzhou central 410102 0371
        洛阳 Luoyang central 410302 0379
        广州 Guangzhou south 440106 020
        深圳 Shenzhen south 440305 0755
        佛山 Foshan south 440604 0757
        东莞 Dongguan south 441900 0769
        珠海 Zhuhai south 440402 0756
        惠州 Huizhou south 441302 0752
        中山 Zhongshan south 442000 0760
        南宁 Nanning south 450102 0771
        柳州 Liuzhou south 450202 0772
        成都 Chengdu southwest 510104 028
        绵阳 Mianyang southwest 510703 0816
        重庆 Chongqing southwest 500103 023
        贵阳 Guiyang southwest 520102 0851
        昆明 Kunming southwest 530102 0871
        西安 Xi'an northwest 610113 029
        宝鸡 Baoji northwest 610302 0917
        兰州 Lanzhou northwest 620102 0931
        乌鲁木齐 Ürümqi northwest 650102 0991
        """.strip().splitlines()
    )
]


class Trade(NamedTuple):
    word: str
    english: str
    industry: Industry
    season: str  # a key of SEASONS


TRADES = [
    Trade(word, english.replace("_", " "), Industry(industry), season)
    for word, english, industry, season in (
        line.split()
        for line in """
        精密机械 Precision_Machinery C spring
        智能装备 Intelligent_Equipment C spring
        汽车零部件 Auto_Parts C autumn
        电子科技 Electronics C autumn
        半导体材料 Semiconductor_Materials C flat
        新能源科技 New_Energy C autumn
        电气设备 Electrical_Equipment C spring
        医疗器械 Medical_Devices C flat
        食品工业 Food_Industries C winter
        包装材料 Packaging C winter
        纺织科技 Textiles C spring
        化工材料 Chemicals C flat
        模具制造 Mould_Making C spring
        家居用品 Home_Products C autumn
        轨道交通设备 Rail_Equipment C flat
        船舶重工 Marine_Engineering C flat
        农业科技 Agri-Tech A spring
        矿业装备 Mining_Equipment B flat
        环保工程 Environmental_Engineering N spring
        建筑工程 Construction E spring
        国际贸易 International_Trade F autumn
        供应链管理 Supply_Chain F winter
        物流 Logistics G winter
        酒店管理 Hospitality H summer
        软件技术 Software I flat
        网络科技 Networks I flat
        检测技术 Testing_Technology M flat
        自动化工程 Automation M spring
        水务 Water_Services D summer
        能源开发 Energy_Development D winter
        """.strip().splitlines()
    )
]
# Share of a year's orders by month, January to December, relative to an even spread.
SEASONS = {
    "spring": (0.85, 0.45, 1.35, 1.45, 1.25, 1.05, 0.9, 0.85, 1.05, 1.0, 0.95, 0.85),
    "autumn": (0.8, 0.5, 0.95, 0.95, 0.95, 1.0, 0.95, 1.05, 1.35, 1.3, 1.3, 0.9),
    "winter": (1.3, 0.75, 0.8, 0.85, 0.85, 0.85, 0.85, 0.95, 1.05, 1.1, 1.25, 1.4),
    "summer": (0.75, 0.55, 0.85, 1.0, 1.2, 1.35, 1.4, 1.3, 1.05, 0.95, 0.8, 0.8),
    "flat": (0.95, 0.65, 1.05, 1.05, 1.05, 1.05, 1.0, 1.0, 1.05, 1.05, 1.05, 1.05),
}

# Abroad: invented syllables.
LATIN_FIRST = "Vel Tar Brun Osk Kel Harn Quil Lum Zand Merv Drov Fenn Gald Istr Jorv Pelt Rydd Sorv Ulv Wex".split()
LATIN_MIDDLE = "ma ni da ve ro ti lo ka".split()
LATIN_LAST = "ra sk dal ven mont lin wick stad nor rin".split()
KANA = [
    ("ユラナギ", "Yuranagi"), ("ソリセト", "Soriseto"), ("ネムリノ", "Nemurino"), ("カヤミオ", "Kayamio"),
    ("ワズクラ", "Wazukura"), ("ルミセト", "Rumiseto"), ("ユラミオ", "Yuramio"), ("ソリクラ", "Sorikura"),
    ("ネムナギ", "Nemunagi"), ("カヤリノ", "Kayarino"), ("ワズナギ", "Wazunagi"), ("ルミクラ", "Rumikura"),
]  # fmt: skip


class Country(NamedTuple):
    name: str
    region: Region
    currency: str
    form: str
    cities: tuple[str, ...]


COUNTRIES = [
    Country("Germany", Region.EUROPE, "EUR", "GmbH", ("Stuttgart", "Bremen", "Dresden", "Essen")),
    Country("France", Region.EUROPE, "EUR", "SAS", ("Lyon", "Lille", "Nantes")),
    Country("Netherlands", Region.EUROPE, "EUR", "B.V.", ("Eindhoven", "Rotterdam")),
    Country("Italy", Region.EUROPE, "EUR", "S.r.l.", ("Torino", "Bologna")),
    Country("United States", Region.AMERICAS, "USD", "Inc.", ("Cleveland", "Houston", "Portland", "Charlotte")),
    Country("Mexico", Region.AMERICAS, "USD", "S.A. de C.V.", ("Monterrey", "Puebla")),
    Country("Singapore", Region.ASIA_PACIFIC, "USD", "Pte. Ltd.", ("Singapore",)),
    Country("Australia", Region.ASIA_PACIFIC, "USD", "Pty Ltd", ("Perth", "Adelaide")),
    Country("United Arab Emirates", Region.MIDDLE_EAST_AFRICA, "USD", "FZE", ("Dubai",)),
    Country("Japan", Region.ASIA_PACIFIC, "JPY", "K.K.", ("名古屋", "大阪", "浜松")),
]

# People
SURNAMES = (
    "王 wang|李 li|张 zhang|刘 liu|陈 chen|杨 yang|黄 huang|赵 zhao|吴 wu|周 zhou|徐 xu|孙 sun|马 ma|朱 zhu|胡 hu|郭 guo|何 he|"
    "林 lin|高 gao|罗 luo|郑 zheng|梁 liang|谢 xie|宋 song|唐 tang|许 xu|韩 han|冯 feng|邓 deng|曹 cao|彭 peng|曾 zeng|萧 xiao|"
    "田 tian|董 dong|袁 yuan|潘 pan|于 yu|蒋 jiang|蔡 cai|余 yu|杜 du|叶 ye|程 cheng|苏 su|魏 wei|吕 lv|丁 ding|任 ren|沈 shen|"
    "单 shan|仇 qiu|解 xie|查 zha|盖 ge|欧阳 ouyang|司徒 situ"
)
GIVEN = (
    "若汐 ruoxi|砚书 yanshu|知遥 zhiyao|云舟 yunzhou|沐桐 mutong|景行 jingxing|予安 yuan|清越 qingyue|望舒 wangshu|青禾 qinghe|"
    "屿白 yubai|怀瑾 huaijin|令仪 lingyi|听澜 tinglan|承屿 chengyu|思齐 siqi|允执 yunzhi|宜修 yixiu|见山 jianshan|闻笛 wendi|"
    "映川 yingchuan|疏影 shuying|南乔 nanqiao|北辰 beichen|归帆 guifan|晚晴 wanqing|星野 xingye|明镜 mingjing|守拙 shouzhuo|"
    "致远 zhiyuan|观澜 guanlan|采薇 caiwei|竹筠 zhujun|松年 songnian|鹤鸣 heming|霁月 jiyue"
)
ROADS = (
    "云栖 澄湖 望江 听雨 星河 青禾 白鹭 枫桥 长汀 春晓 临港 锦绣 远航 创新 科苑 工业一 工业三 兴业 迎宾 滨河".split()
)
TAGS = [
    "战略客户",
    "年度框架",
    "Key project",
    "招标中",
    "账期60天",
    "Exhibition 2026",
    "技术共建",
    "价格敏感",
    "待回访",
    "Export",
]
