"""Which columns an explanation moves together."""

import pytest

from hepar.core.errors import ProtocolError
from hepar.explain.players import grouped, single


def test_a_perturbed_repeat_is_no_player_but_goes_with_its_feature() -> None:
    assert single(["a", "b", "b@1", "b@2"]) == {"a": ("a",), "b": ("b", "b@1", "b@2")}


def test_the_longest_prefix_counts() -> None:
    found = grouped(
        ["liver_mean", "liver_wavelet_mean", "age_y"],
        {"first": "liver_", "wavelet": "liver_wavelet_", "rest": ""},
    )
    assert found == {"first": ("liver_mean",), "wavelet": ("liver_wavelet_mean",), "rest": ("age_y",)}


def test_a_feature_without_a_group_is_refused() -> None:
    with pytest.raises(ProtocolError, match=r"feature 'age_y' starts with none of the prefixes \['liver_'\]"):
        grouped(["liver_mean", "age_y"], {"radiomics": "liver_"})


def test_a_group_without_a_feature_is_refused() -> None:
    with pytest.raises(
        ProtocolError, match="no feature starts with 'liver_', the prefix of 'radiomics'; features: age_y"
    ):
        grouped(["age_y"], {"radiomics": "liver_", "clinical": ""})
