"""The org chart: whatever reports to whom, everybody stands somewhere and nobody on somebody else."""

from hypothesis import given
from hypothesis import strategies as st

from interactions.map_layout import CARD_HEIGHT, CARD_WIDTH, place_people


def overlaps(spots):
    placed = sorted((spot.x, spot.y) for spot in spots.values())
    return [
        (one, other)
        for number, one in enumerate(placed)
        for other in placed[number + 1 :]
        if abs(one[0] - other[0]) < CARD_WIDTH and abs(one[1] - other[1]) < CARD_HEIGHT
    ]


@given(st.lists(st.integers(-1, 39), min_size=1, max_size=40))
def test_everybody_once_and_no_overlap(bosses):
    """Forests, chains, cycles, superiors who are not shown."""
    people = list(range(len(bosses)))
    spots = place_people(people, dict(enumerate(bosses)))
    assert set(spots) == set(people)
    assert not overlaps(spots)
    assert all(spot.x >= 0 and spot.y >= 0 for spot in spots.values())


@given(st.integers(1, 60), st.data())
def test_superiors_stand_above(number, data):
    bosses = {n: data.draw(st.integers(0, n - 1)) if n else None for n in range(number)}
    spots = place_people(range(number), bosses)
    assert all(spots[boss].y + CARD_HEIGHT < spots[n].y for n, boss in bosses.items() if boss is not None)


def test_a_superior_stands_in_the_middle():
    spots = place_people([1, 2, 3], {2: 1, 3: 1})
    assert spots[1].x == (spots[2].x + spots[3].x) // 2


def test_many_reports_stand_below_each_other():
    spots = place_people(range(13), dict.fromkeys(range(1, 13), 0))
    assert len({spot.x for spot in spots.values()}) == 3
    assert all(spots[n].stacked for n in range(1, 13))


def test_a_long_chain_and_a_crowd():
    chain = place_people(range(3000), {n: n - 1 for n in range(1, 3000)})
    assert len({spot.y for spot in chain.values()}) == 3000
    assert len(place_people(range(5000), {})) == 5000


def test_a_cycle_is_cut():
    spots = place_people([1, 2, 3], {1: 3, 2: 1, 3: 2})
    assert spots[1].y < spots[2].y < spots[3].y


def test_the_same_people_stand_the_same():
    assert place_people([3, 1, 2], {1: 3}) == place_people([3, 1, 2], {1: 3})
