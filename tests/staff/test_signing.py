"""Shared tablets: PINs, locking, presence, and nobody left behind."""

from tests.staff.conftest import PIN, Screen
from tests.world import World

from shopbell.board import Member, read_team


def member(world: World, name: str) -> Member:
    return next(one for one in read_team(world.store, world.now) if one.name == name)


def test_name_and_pin_bring_someone_on_the_floor(tablet: Screen, world: World) -> None:
    answer = tablet.sends("/board/sign-in", person=world.ids["Bo"], pin=PIN)
    assert answer.status_code == 303
    assert member(world, "Bo").free
    assert "Bo" in tablet.opens().text


def test_a_wrong_pin_opens_nothing_and_says_so(tablet: Screen, world: World) -> None:
    answer = tablet.sends("/board/sign-in", person=world.ids["Bo"], pin="000000")
    assert answer.status_code == 422
    assert "do not fit together" in answer.text
    assert member(world, "Bo").status == "off"


def test_guessing_is_slowed(tablet: Screen, world: World) -> None:
    for _ in range(5):
        tablet.sends("/board/sign-in", person=world.ids["Bo"], pin="000000")
    assert "Try again in" in tablet.sends("/board/sign-in", person=world.ids["Bo"], pin=PIN).text
    assert member(world, "Bo").status == "off"


def test_several_work_on_one_tablet(tablet: Screen, world: World) -> None:
    for name in ("Bo", "Cy"):
        tablet.sends("/board/sign-in", person=world.ids[name], pin=PIN)
    page = tablet.opens().text
    assert f'data-me="{world.ids["Bo"]}"' in page
    assert f'data-me="{world.ids["Cy"]}"' in page


def test_only_who_is_signed_in_unlocks(tablet: Screen, world: World) -> None:
    tablet.has("Bo").sends("/board/lock")
    assert tablet.sends("/board/unlock", person=world.ids["Cy"], pin=PIN).status_code == 422
    assert "is-locked" in tablet.opens().text


def test_a_phone_signs_in_its_owner_alone(phone: Screen, world: World) -> None:
    assert phone.sends("/board/sign-in", person=world.ids["Bo"], pin=PIN).status_code == 422
    assert phone.sends("/board/sign-in", person=world.ids["Dee"], pin=PIN).status_code == 303


def test_a_phone_without_pin_may_look_but_not_move(phone: Screen, world: World) -> None:
    ann = world.joins()
    assert "Ann" in phone.opens().text
    page = phone.opens(f"/board/visits/{ann.id}").text
    assert "Ann" in page
    assert "Claim" not in page
    assert phone.moves(ann, "claim").status_code == 401
    assert world.row(ann).state == "waiting"


def test_a_break_has_an_end(tablet: Screen, world: World) -> None:
    tablet.has("Bo").asks("/board/presence", status="break", minutes=15)
    assert member(world, "Bo").status == "break"
    assert "break until 10:15" in tablet.opens().text


def test_an_unknown_status_is_refused(tablet: Screen, world: World) -> None:
    assert tablet.has("Bo").asks("/board/presence", status="asleep").status_code == 422
    assert member(world, "Bo").status == "available"


def test_of_several_presence_asks_whose(tablet: Screen, world: World) -> None:
    answer = tablet.has("Bo", "Cy").asks("/board/presence", status="with_someone")
    assert answer.json["code"] == "ask"  # type: ignore[index]
    assert member(world, "Bo").free


def test_going_off_with_a_customer_asks_who_takes_over(tablet: Screen, world: World) -> None:
    ann = world.joins()
    world.comes("Cy")
    tablet.has("Bo").moves(ann, "claim")
    page = tablet.sends("/board/sign-out")
    assert "You still have a customer" in page.text
    assert member(world, "Bo").status == "available"
    tablet.sends("/board/sign-out", hand_to=world.ids["Cy"])
    assert world.row(ann).holder.name == "Cy"  # type: ignore[union-attr]
    assert member(world, "Bo").status == "off"


def test_going_off_may_put_her_back_on_the_list(tablet: Screen, world: World) -> None:
    ann, bystander = world.joins(), world.joins("Ida")
    tablet.has("Bo").moves(ann, "claim")
    tablet.sends("/board/sign-out", hand_to="list")
    assert world.row(ann).state == world.row(bystander).state == "waiting"
    assert world.row(ann).waiting_since == ann.joined_at
