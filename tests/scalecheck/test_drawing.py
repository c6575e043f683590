"""Drawings as a reader gets them: axes and scales as planned, every panel there, legends beside the data where asked."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from scalecheck import drawing
from scalecheck.drawing import draw, save, svg
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.figures import FigureData, MapData, PanelData, Role, Series

x = list(np.geomspace(1, 1e6, 9))
curves = FigureData("time t", "loss L", (Series("numbers", Role.SIMULATION, x, x), Series("law", Role.LAW, x, x)))


def heat(**options):
    y = list(np.geomspace(1e-6, 1, 7))
    return MapData("t", "λ", x, y, np.zeros((7, 9)), "energy", x_scale="log", y_scale="log", **options)


def axes_of(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def test_laws_are_drawn_over_numbers():
    (axes,) = axes_of(draw(curves))
    law = next(line for line in axes.lines if line.get_label() == "law")
    others = [line for line in axes.lines if line is not law]
    assert all(law.get_zorder() > line.get_zorder() for line in others)


def test_panels_are_lettered_and_complete():
    figure = draw(PanelData((("first", curves), ("second", heat()), ("third", curves)), columns=2))
    titles = [axes.get_title(loc="left") for axes in axes_of(figure)]
    assert titles == ["(a) first", "(b) second", "(c) third"]


def test_a_legend_below_covers_no_axes():
    figure = draw(FigureData("t", "L", curves.series, legend="below"))
    figure.canvas.draw()
    (axes,) = axes_of(figure)
    assert axes.get_legend().get_window_extent().y1 < axes.get_window_extent().y0


def test_a_shared_legend_names_every_label_once():
    figure = draw(PanelData((("first", curves), ("second", curves)), shared_legend=True))
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["law", "numbers"]
    assert all(axes.get_legend() is None for axes in figure.axes)


@pytest.mark.parametrize(("legend", "shown"), [("inside", True), ("none", False)])
def test_a_legend_is_left_out_only_if_asked(legend, shown):
    (axes,) = axes_of(draw(FigureData("t", "L", curves.series, legend=legend)))
    assert (axes.get_legend() is not None) is shown


def test_cells_of_a_logarithmic_map_stand_around_their_centres():
    (axes,) = axes_of(draw(heat()))
    corners = axes.collections[0].get_coordinates()
    np.testing.assert_allclose(np.sqrt(corners[0, :-1, 0] * corners[0, 1:, 0]), x)
    np.testing.assert_allclose(axes.get_xlim(), (corners[0, 0, 0], corners[0, -1, 0]))


def test_the_ends_of_the_colours_are_those_asked_for():
    (axes,) = axes_of(draw(heat(z_range=(-2.0, 1.0))))
    assert axes.collections[0].get_clim() == (-2.0, 1.0)


def test_a_file_is_written_whole_or_refused(tmp_path):
    save(PanelData((("only", curves),)), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="plot"):
        save(curves, tmp_path / "figure.bmp")
    assert not (tmp_path / "figure.bmp").exists()


@pytest.mark.parametrize(
    "data", [curves, heat(), PanelData((("first", curves), ("second", heat())), shared_legend=True)]
)
def test_laying_out_beforehand_changes_nothing_and_draws_once(data, monkeypatch):
    drawn, whole = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda figure, renderer: (drawn.append(figure), whole(figure, renderer))[1])
    beforehand = svg(draw(data), "name")
    assert len(drawn) == 1
    monkeypatch.setattr(drawing, "_lay_out", lambda figure: None)
    assert svg(draw(data), "name") == beforehand
    assert len(drawn) == 3
