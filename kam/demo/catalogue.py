"""The demo's product lines and products, and its exchange rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import NamedTuple

from core.bulk import copy_rows, next_pk, reset_sequence
from core.models import ExchangeRate
from orders.models import Product, ProductLine

# Line; its products with the list price in CNY.
LINES = {
    ("BRG", "精密轴承", "Precision bearings"): [
        ("深沟球轴承", "Deep groove ball bearing", 68), ("角接触轴承", "Angular contact bearing", 215),
        ("圆锥滚子轴承", "Tapered roller bearing", 340), ("直线轴承", "Linear bearing", 96),
    ],
    ("SRV", "伺服系统", "Servo systems"): [
        ("伺服电机 750W", "Servo motor 750 W", 1480), ("伺服电机 2kW", "Servo motor 2 kW", 3260),
        ("伺服驱动器", "Servo drive", 2190), ("编码器", "Encoder", 520),
    ],
    ("GBX", "减速机", "Gearboxes"): [
        ("行星减速机", "Planetary gearbox", 1860), ("谐波减速机", "Harmonic gearbox", 4350),
        ("蜗轮减速机", "Worm gearbox", 890),
    ],
    ("VLV", "工业阀门", "Industrial valves"): [
        ("球阀", "Ball valve", 260), ("蝶阀", "Butterfly valve", 410), ("电动调节阀", "Electric control valve", 2750),
    ],
    ("PMP", "泵", "Pumps"): [
        ("离心泵", "Centrifugal pump", 3900), ("计量泵", "Metering pump", 5200), ("真空泵", "Vacuum pump", 7400),
    ],
    ("SEN", "传感器", "Sensors"): [
        ("接近开关", "Proximity switch", 58), ("压力变送器", "Pressure transmitter", 640),
        ("激光测距仪", "Laser distance sensor", 1320), ("温度传感器", "Temperature sensor", 85),
    ],
    ("PLC", "控制器", "Controllers"): [
        ("小型控制器", "Compact controller", 980), ("模块化控制器", "Modular controller", 4600),
        ("输入输出模块", "I/O module", 430), ("触摸屏 10 寸", "Touch panel 10 in", 1750),
    ],
    ("CBL", "线缆与接插件", "Cables and connectors"): [
        ("拖链电缆", "Drag chain cable", 18), ("工业以太网线", "Industrial Ethernet cable", 24),
        ("圆形连接器", "Circular connector", 36),
    ],
    ("HYD", "液压元件", "Hydraulics"): [
        ("液压缸", "Hydraulic cylinder", 1650), ("比例阀", "Proportional valve", 3850),
        ("液压站", "Hydraulic unit", 18600),
    ],
    ("CUT", "刀具", "Cutting tools"): [
        ("硬质合金铣刀", "Carbide end mill", 128), ("车削刀片", "Turning insert", 32), ("钻头", "Drill", 45),
    ],
    ("LUB", "润滑与密封", "Lubrication and seals"): [
        ("合成润滑脂", "Synthetic grease", 76), ("油封", "Oil seal", 12), ("切削液 20L", "Cutting fluid 20 l", 390),
    ],
    ("SVC", "服务与备件", "Service and spares"): [
        ("年度保养", "Annual maintenance", 6800), ("现场调试", "On-site commissioning", 4200),
        ("备件包", "Spare parts kit", 1150),
    ],
}  # fmt: skip
# Units of CNY for one unit, two years ago, and how far a month may move it.
RATES = {"USD": (Decimal("7.12"), 0.006), "EUR": (Decimal("7.74"), 0.009), "JPY": (Decimal("0.0482"), 0.012)}


class Item(NamedTuple):
    """A product as the order generator needs it."""

    pk: int
    price: float
    cost_share: Decimal


def make_catalogue(now: dt.datetime, rng: Random) -> list[list[Item]]:
    """Insert the lines and their products; returns the products by line."""
    line_pk, product_pk = next_pk(ProductLine), next_pk(Product)
    lines: list[tuple[object, ...]] = []
    products: list[tuple[object, ...]] = []
    items: list[list[Item]] = []
    for (code, name, english), members in LINES.items():
        lines.append((line_pk, code, name, english))
        items.append([])
        for number, (product, product_english, price) in enumerate(members, start=1):
            products.append((product_pk, f"{code}-{number:03d}", product, product_english, line_pk, now, now))
            items[-1].append(Item(product_pk, price, Decimal(rng.randint(55, 82)) / 100))
            product_pk += 1
        line_pk += 1
    copy_rows(ProductLine, ["id", "code", "name", "name_en"], lines)
    copy_rows(Product, ["id", "code", "name", "name_en", "line", "created_at", "updated_at"], products)
    reset_sequence(ProductLine, Product)
    return items


def make_rates(first: dt.date, today: dt.date, rng: Random) -> dict[str, Decimal]:
    """Insert a rate for each foreign currency and month from `first` on; returns the latest of each."""
    rows, latest = [], {"CNY": Decimal(1)}
    for currency, (start, swing) in RATES.items():
        rate, month = start, first.replace(day=1)
        while month <= today:
            rows.append((currency, month, rate))
            latest[currency] = rate
            rate = (rate * Decimal(1 + rng.uniform(-swing, swing))).quantize(Decimal("0.000001"))
            month = (month + dt.timedelta(days=32)).replace(day=1)
    copy_rows(ExchangeRate, ["currency", "valid_from", "rate"], rows)
    return latest
