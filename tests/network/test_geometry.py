"""Lengths of what is drawn."""

import numpy as np

from wenqu.network.geometry import Shapes, drawn_alike, line_lengths


def test_a_line_has_the_same_length_to_the_last_digit_wherever_it_stands():
    draw = np.random.default_rng(5)
    lines = [draw.uniform(4e5, 6e5, (size, 2)) for size in draw.integers(2, 9, 500)]

    def measured(some):
        starts = np.cumsum([0, *(len(line) for line in some)])
        return line_lengths(Shapes.lines(np.concatenate(some), starts))

    alone = np.array([measured([line])[0] for line in lines])
    assert np.array_equal(measured(lines), alone)
    assert np.array_equal(measured(lines[::-1]), alone[::-1])


def test_parts_of_a_line_add_up_and_gaps_between_them_do_not():
    coords = np.array([[0.0, 0.0], [3.0, 4.0], [100.0, 0.0], [100.0, 2.0], [7.0, 7.0]])
    shapes = Shapes(coords, np.array([0, 2, 4, 5]), np.array([0, 2, 2, 3]))
    assert np.array_equal(line_lengths(shapes), [7.0, np.nan, 0.0], equal_nan=True)


def test_what_is_drawn_alike_has_the_same_vertices_to_a_nearness():
    def drawn(*lines):
        starts = np.cumsum([0, *(len(line) for line in lines)])
        return Shapes.lines(np.array([place for line in lines for place in line], dtype=float), starts)

    one = drawn([(0, 0), (10, 0)], [(0, 5), (10, 5)], [(0, 9), (10, 9)])
    other = drawn([(0, 0), (10, 0)], [(0, 5), (10, 5.5)], [(0, 9), (5, 9), (10, 9)])
    assert drawn_alike(one, one).all()
    assert drawn_alike(one, other).tolist() == [True, False, False]
    assert drawn_alike(one, other, near=0.5).tolist() == [True, True, False]
