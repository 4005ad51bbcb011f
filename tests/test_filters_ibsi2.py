"""Agreement with the response maps of IBSI-2, voxel by voxel."""

import numpy as np
import pytest
from benchmarks.ibsi2 import GOLDEN, RESPONSES, TOLERANCE, phantom, reference_map, share_of_range


@pytest.mark.parametrize("test", RESPONSES)
def test_every_voxel_of_a_response_map_is_within_the_tolerance_of_the_standard(test: str) -> None:
    name, respond = RESPONSES[test]
    response = respond(phantom(name))
    assert response.dtype == np.float32
    assert share_of_range(response, reference_map(test)) <= TOLERANCE


def test_every_published_map_has_its_configuration() -> None:
    assert sorted(path.name.removesuffix(".xz") for path in (GOLDEN / "maps").iterdir()) == sorted(RESPONSES)
