from hypothesis import given
from hypothesis import strategies as st

from palier.kernel import links


def test_a_token_has_sixteen_signs_nobody_misreads() -> None:
    token = links.new_token()
    assert len(token) == 16
    assert not set("0O1ILU") & set(links.ALPHABET)
    assert set(token) <= set(links.ALPHABET)


def test_tokens_do_not_repeat() -> None:
    assert len({links.new_token() for _ in range(5_000)}) == 5_000


def test_the_alphabet_gives_at_least_seventy_eight_bits() -> None:
    assert len(set(links.ALPHABET)) ** links.LENGTH > 2**78


@given(st.integers(1, 15), st.sampled_from([" ", "-", "\u00a0", " - ", "."]))
def test_a_token_typed_by_hand_in_groups_is_found_again(cut: int, joint: str) -> None:
    token = links.new_token()
    assert links.normalise(f" {token[:cut].lower()}{joint}{token[cut:]}\n") == token


@given(st.text(max_size=100))
def test_anything_typed_is_a_token_or_nothing(typed: str) -> None:
    token = links.normalise(typed)
    assert token is None or (len(token) == 16 and set(token) <= set(links.ALPHABET))


def test_signs_outside_the_alphabet_are_not_guessed() -> None:
    assert links.normalise("7KQ2M7KQ2M7KQ2M0") is None
    assert links.normalise("7KQ2M") is None
    assert links.normalise("") is None


def test_sec_27_only_the_hash_is_stored_and_only_the_right_token_matches() -> None:
    token = links.new_token()
    stored = links.hash_token(token, "visit_offer")
    assert token not in stored
    assert len(stored) == 64
    assert links.matches(token, stored, "visit_offer")
    assert not links.matches(links.new_token(), stored, "visit_offer")


def test_sec_27_a_token_made_for_one_purpose_does_not_open_another() -> None:
    token = links.new_token()
    assert not links.matches(token, links.hash_token(token, "visit_offer"), "withdraw")
    assert not links.matches(token, links.hash_token(token), "withdraw")


def test_a_colleague_reads_a_message_without_the_secret_of_its_link() -> None:
    told = links.hide_secrets(
        "CCAS. Michel, voici. palier.belrive.example/r/GWH7BNM6NNBQHCPV ou 02 61 91 00 12"
    )
    assert told == "CCAS. Michel, voici. palier.belrive.example/r/… ou 02 61 91 00 12"
