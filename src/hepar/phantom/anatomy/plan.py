"""The body of one SIMULATED patient before any scan: all its solids and tubes, which no grid changes."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..patient import Patient
from .bowel import Loop, bowel, mesentery
from .habitus import Frame, habitus
from .lattice import Solid, Values, nearest, regrid
from .liver import LiverForm, bare, liver, liver_form, liver_lattice, shown_on_images
from .muscles import muscles
from .organs import Organ, Place
from .places import places
from .skeleton import Cage, Spine, cage, spine
from .trunk import Trunk, trunk
from .tubes import Tube
from .vessels import great_vessels, liver_vessels
from .viscera import Kidney, adrenal, gallbladder, gullet, kidney, pancreas, spleen, stomach

Tubes = tuple[tuple[Organ, tuple[Tube, ...]], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is painted, and where the lesions lie."""

    frame: Frame
    trunk: Trunk
    spine: Spine
    cage: Cage
    muscles: tuple[Tube, ...]
    liver: Solid
    liver_form: LiverForm
    gallbladder: Solid | None
    spleen: Solid
    kidneys: tuple[Kidney, Kidney]
    adrenals: tuple[Solid, Solid]
    pancreas: Solid
    stomach: Solid
    stomach_gas: Solid
    gullet: Tube
    ascites: Solid | None
    bowel: tuple[Loop, ...]
    mesentery: tuple[Tube, ...]
    great_vessels: Tubes
    liver_vessels: Tubes
    places: tuple[Place, ...]


def plan(patient: Patient) -> Plan:
    """Draws the body of `patient`; a second of CPU time spent here serves all scans of the patient."""
    frame = Frame(habitus(patient))
    wall = trunk(frame, patient.stream("anatomy", "trunk"))
    full, gas = stomach(frame, wall.cavity, patient.stream("anatomy", "stomach"))
    right, left = (
        kidney(frame, side, patient.stream("anatomy", "kidney", f"{side:+g}")) for side in (-1.0, 1.0)
    )
    bladder = gallbladder(frame, patient.stream("anatomy", "gallbladder"))
    form = liver_form(patient)
    whole = _liver(patient, frame, wall.cavity, form=form, kidney=right.whole, beside=(full, bladder))
    inner = liver_vessels(frame, patient, whole)
    outer = great_vessels(frame, patient)
    return Plan(
        frame=frame,
        trunk=wall,
        spine=spine(frame),
        cage=cage(frame, patient.stream("anatomy", "ribs")),
        muscles=muscles(frame),
        liver=whole,
        liver_form=form,
        gallbladder=bladder,
        spleen=spleen(frame, patient, cavity=wall.cavity, organs=(full, left.whole)),
        kidneys=(right, left),
        adrenals=(
            adrenal(frame, -1.0, patient.stream("anatomy", "adrenal right")),
            adrenal(frame, 1.0, patient.stream("anatomy", "adrenal left")),
        ),
        pancreas=pancreas(frame, patient.stream("anatomy", "pancreas")),
        stomach=full,
        stomach_gas=gas,
        gullet=gullet(frame),
        ascites=_ascites(patient, whole, regrid(wall.below, whole.lattice)),
        bowel=bowel(frame, patient.stream("anatomy", "bowel")),
        mesentery=tuple(mesentery(frame, patient.stream("anatomy", "mesentery"))),
        great_vessels=outer,
        liver_vessels=inner,
        places=places(
            whole,
            patient.lesions,
            hollow=bladder,
            cava=outer[0][1][0],
            vessels=[tube for _, tubes in inner for tube in tubes],
            rng=patient.stream("anatomy", "places"),
        ),
    )


def _liver(
    patient: Patient,
    frame: Frame,
    cavity: Solid,
    *,
    form: LiverForm,
    kidney: Solid,
    beside: tuple[Solid | None, ...],
) -> Solid:
    """The liver goes around stomach, gallbladder and great vessels, and does not reach behind the kidney."""
    lattice = liver_lattice(frame)
    hollows = np.minimum(bare(frame.reference(lattice)), nearest(lattice, beside) - 1)
    behind = np.minimum.accumulate(nearest(lattice, (kidney,)) - 3, axis=1)
    behind = ndimage.gaussian_filter(np.minimum.accumulate(behind, axis=2), 2.5)
    hollows = np.minimum(hollows, behind)
    rng = patient.stream("anatomy", "liver surface")
    return liver(frame, form, cavity=regrid(cavity, lattice), hollows=hollows, rng=rng)


def _ascites(patient: Patient, liver: Solid, below: Values) -> Solid | None:
    """A film of fluid around the liver where disease shows strongly; None in most patients."""
    rng = patient.stream("anatomy", "ascites")
    film = 4 * (shown_on_images(patient) + 0.6 * float(rng.standard_normal()) - 2.0)
    if film < 1:
        return None
    return Solid(liver.lattice, np.maximum(liver.distance_mm - np.float32(min(film, 14)), below))
