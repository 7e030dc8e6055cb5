"""Messages to a bakery and the order slips they make: made up from parts, the same every time.

What a small language model can learn in minutes and a reader can check at a glance: who wants what,
when, and what to mind. The messages asked at the end are written by hand and share no name and no
wording with these.

    python -m local.demo.data.orders FILE
"""

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "bakery-orders.jsonl"
SYSTEM_PROMPT = "You write the order slip for a message to the bakery."
COUNT = 120
_SEED = 11

_NAMES = (
    "Anna", "Ben", "Carla", "David", "Elif", "Farid", "Greta", "Hugo", "Ines",
    "Jonas", "Katrin", "Luca", "Mina", "Nils", "Olga", "Paul", "Rosa", "Samir",
    "Tilda", "Uwe", "Vera", "Yusuf", "Zoe", "Agnes", "Boris", "Clara", "Denis",
    "Ella", "Felix", "Hanna",
)  # fmt: skip
_PRODUCTS = (
    "rye loaves",
    "sourdough loaves",
    "seeded rolls",
    "cinnamon buns",
    "butter croissants",
    "spelt loaves",
    "pretzels",
    "plum tarts",
    "poppy seed rolls",
    "baguettes",
    "apple turnovers",
    "raisin buns",
    "walnut loaves",
    "cheese sticks",
    "almond biscuits",
    "carrot cakes",
)
_COUNTS = (
    ("two", 2), ("2", 2), ("a couple of", 2), ("three", 3), ("3", 3), ("four", 4), ("4", 4),
    ("five", 5), ("half a dozen", 6), ("six", 6), ("8", 8), ("ten", 10), ("a dozen", 12),
    ("15", 15), ("twenty", 20),
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES = (
    ("7", "7:00"), ("half past seven", "7:30"), ("eight", "8:00"), ("8:30", "8:30"),
    ("9", "9:00"), ("half past nine", "9:30"), ("ten", "10:00"), ("11", "11:00"),
    ("noon", "12:00"), ("2 in the afternoon", "14:00"), ("four in the afternoon", "16:00"),
    ("5:30 in the afternoon", "17:30"),
)  # fmt: skip
_NOTES = (
    ("", "none"),
    ("Your bread is the best in town.", "none"),
    ("Lovely, see you then!", "none"),
    ("I am looking forward to it already.", "none"),
    ("Please slice the bread.", "slice the bread"),
    ("Could you cut the loaves for me?", "slice the bread"),
    ("No nuts anywhere, my son is allergic.", "no nuts, allergy"),
    ("One of us cannot eat nuts!", "no nuts, allergy"),
    ("I pay by card.", "pays by card"),
    ("Can I pay with my card?", "pays by card"),
    ("Pack them in two bags, please.", "two bags"),
    ("In two separate bags if you can.", "two bags"),
    ("My neighbour will collect it.", "neighbour collects"),
    ("A neighbour is going to fetch it for me.", "neighbour collects"),
)
_FORMS = (
    "Hi, {name} here. I would like {items} for {day} at {time}. {note}",
    "Could you put aside {items}? I will come on {day} around {time}. {note} Thanks, {name}",
    "Good morning, this is {name}. We need {items} on {day}, {time} if possible. {note}",
    "{day} at {time}, please: {items}. {note} Greetings from {name}",
    "Hello! My name is {name}, we have guests on {day}. {items}, and I come at {time}. {note}",
    "Please bake {items} for me. {note} I am there on {day} at {time}. {name}",
    "{name} again :) same as always, {items}, picked up {day}, {time}. {note}",
    "we are out of bread!! {items} for {day} {time} would be great. {note} {name}",
    "Dear bakers, for our party on {day} I order {items}. I come at {time}. {note} Yours, {name}",
    "Is it too late to order {items} for {day}? {time} would suit me. {note} It is {name}, hello.",
)


@dataclass(frozen=True)
class Order:
    """What was written, and the slip that it makes."""

    message: str
    slip: str


UNSEEN = (
    Order(
        "hey, Marta speaking, any chance of three rye loaves and a dozen pretzels this saturday? "
        "would swing by at 9",
        "Name: Marta\nItems: 3 rye loaves, 12 pretzels\nPickup: Saturday 9:00\nNote: none",
    ),
    Order(
        "Birthday at the office! So Oskar needs 20 cinnamon buns, Thursday, half past nine. "
        "Careful please, one colleague has a nut allergy.",
        "Name: Oskar\nItems: 20 cinnamon buns\nPickup: Thursday 9:30\nNote: no nuts, allergy",
    ),
    Order(
        "I can't make it myself on Friday, so the neighbour picks up my two spelt loaves and six "
        "butter croissants at noon. Best, Wilma",
        "Name: Wilma\nItems: 2 spelt loaves, 6 butter croissants\nPickup: Friday 12:00\n"
        "Note: neighbour collects",
    ),
)
"""Asked after training: written by hand, not from the parts above."""


def orders(count: int = COUNT) -> tuple[Order, ...]:
    """Return that many orders; the first of them are the same for any count."""
    rng = random.Random(_SEED)  # noqa: S311 - an example, not a secret
    return tuple(_order(rng) for _ in range(count))


def write_dataset(path: Path) -> Path:
    """Write the orders to `path` as OpenAI chat rows and return it: same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(_lines(orders())), encoding="utf-8", newline="\n")
    return path


def right_lines(answer: str, slip: str) -> int:
    """Return how many lines of a slip an answer has, each in its place."""
    pairs = zip(answer.strip().splitlines(), slip.splitlines(), strict=False)
    return sum(given.strip() == wanted for given, wanted in pairs)


def _order(rng: random.Random) -> Order:
    name, day = rng.choice(_NAMES), rng.choice(_DAYS)
    said_time, time = rng.choice(_TIMES)
    said_note, note = rng.choice(_NOTES)
    wanted = [(rng.choice(_COUNTS), product) for product in rng.sample(_PRODUCTS, _how_many(rng))]
    said_items = _joined([f"{said} {product}" for (said, _), product in wanted])
    message = rng.choice(_FORMS).format(
        name=name, items=said_items, day=day, time=said_time, note=said_note
    )
    items = ", ".join(f"{count} {product}" for (_, count), product in wanted)
    slip = f"Name: {name}\nItems: {items}\nPickup: {day} {time}\nNote: {note}"
    return Order(" ".join(message.split()), slip)


def _how_many(rng: random.Random) -> int:
    return rng.choice((1, 2, 2, 3))


def _joined(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _lines(made: Sequence[Order]) -> Iterator[str]:
    for order in made:
        messages = [
            {"role": "system", "content": SYSTEM_PROMPT},
            {"role": "user", "content": order.message},
            {"role": "assistant", "content": order.slip},
        ]
        yield json.dumps({"messages": messages}, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(write_dataset(Path(sys.argv[1])))
