"""Every peer that can run here: it smooths, keeps shape and tone, and is chosen by name."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_samples import clean_frame, speckled_frame
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfTrainingLib.evaluation.peers import CLASSICAL, LEARNED, PEERS, WINDOW, Peer, choose_peers
from Speckle2SelfTrainingLib.evaluation.truth_measures import psnr

QUICK = [name for name, peer in PEERS.items() if peer.kind in (CLASSICAL, WINDOW)]


@pytest.mark.parametrize("name", QUICK)
def test_a_filter_comes_closer_to_the_truth_and_keeps_size_type_and_tone(name: str) -> None:
    peer = PEERS[name]
    if reason := peer.missing():
        pytest.skip(reason)
    frame, truth = speckled_frame(), clean_frame()
    (result,) = peer.run([frame], peer.default)
    assert result.shape == frame.shape
    assert result.dtype == np.uint8
    assert psnr(result, truth, 255) > psnr(frame, truth, 255) + 0.5
    assert result.mean() == pytest.approx(frame.mean(), rel=0.06)


@pytest.mark.parametrize("name", QUICK)
def test_a_filter_gives_equal_pixels_when_run_again(name: str) -> None:
    peer = PEERS[name]
    if reason := peer.missing():
        pytest.skip(reason)
    frame = speckled_frame(3)
    np.testing.assert_array_equal(*(peer.run([frame], peer.default)[0] for _ in range(2)))


@pytest.mark.parametrize("peer", PEERS.values(), ids=lambda peer: peer.name)
def test_the_grid_of_a_filter_has_several_settings_and_that_of_a_learned_peer_only_its_authors(peer: Peer) -> None:
    assert len({tuple(sorted(point.items())) for point in peer.grid}) == len(peer.grid)
    if peer.kind == LEARNED:
        assert list(peer.grid) == [peer.default]
        assert peer.limit is not None
    else:
        assert len(peer.grid) > 1
        assert all(point.keys() >= peer.default.keys() for point in peer.grid)


def test_groups_and_names_choose_peers_in_order() -> None:
    assert choose_peers("none") == []
    assert {peer.kind for peer in choose_peers("classical")} == {CLASSICAL}
    assert len(choose_peers("all")) == len(PEERS)
    assert [peer.name for peer in choose_peers("tv, nlm,tv")] == ["tv", "nlm"]


@pytest.mark.parametrize("text", ["bm3d", "", "tv,foo"])
def test_an_unknown_peer_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(SettingsError, match="nlm, srad"):
        choose_peers(text)


@pytest.mark.parametrize("name", ["noise2void", "neighbor2neighbor", "dip", "zea"])
def test_a_learned_peer_without_its_package_says_so(name: str) -> None:
    reason = PEERS[name].missing()
    assert reason == "" or reason.startswith("not measured: ")
