"""What names promise, over the habits of many hands."""

import pytest

from gradcheck.diagnosis.roles import Role, role_of, role_of_target

KNOWN = {
    "x1", "w1", "w3", "w5", "b1", "b2", "neth1", "neth2", "outh1", "outh2", "neto", "out", "net", "W", "W1", "b",
    "h", "h1", "z1", "x", "xhat", "data", "hidden", "gamma", "a", "d", "var", "theta",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "of", "by"),
    [
        ("dneth2_dw3", "neth2", "w3"),
        ("dneto_douth1", "neto", "outh1"),
        ("d_out_d_net", "out", "net"),
        ("d_out_dnet", "out", "net"),
        ("dout_d_net", "out", "net"),
        ("doutdnet", "out", "net"),
        ("pd_out_wrt_net", "out", "net"),
        ("partial_out_partial_net", "out", "net"),
        ("dout_by_dnet", "out", "net"),
        ("d_hidden_d_data", "hidden", "data"),
        ("d_data_d_d", "data", "d"),
        ("dLoss_db1", None, "b1"),
        ("dL_dW1", None, "W1"),
        ("dLdW", None, "W"),
        ("dJ_dtheta", None, "theta"),
        ("dE_total_dw5", None, "w5"),
        ("pd_error_wrt_out", None, "out"),
        ("grad_loss_wrt_W", None, "W"),
    ],
)
def test_both_ends_in_the_name(name, of, by):
    assert role_of(name, KNOWN) == Role(of, by, explicit=True)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("dW1", "W1"), ("db", "b"), ("d_h1", "h1"), ("dxhat", "xhat"), ("dvar", "var"), ("dgamma", "gamma"),
        ("grad_W", "W"), ("gradW", "W"), ("gradient_W", "W"), ("gW", "W"), ("g_w5", "w5"), ("W_grad", "W"),
        ("W_gradient", "W"), ("W_bar", "W"), ("xbar", "x"), ("adj_h", "h"), ("delta_out", "out"), ("delta1", "z1"),
        ("delta_1", "z1"), ("d1", "z1"), ("dz1", "z1"), ("dout", "out"), ("d_hidden_data", None), ("nabla_W1", "W1"),
    ],
)  # fmt: skip
def test_one_end_in_the_name_is_a_habit_about_the_loss(name, by):
    assert role_of(name, KNOWN) == (None if by is None else Role(None, by))


@pytest.mark.parametrize("name", ["data", "done", "delta", "dim", "grads", "d", "i", "delta7", "total", "g"])
def test_names_that_promise_nothing(name):
    assert role_of(name, KNOWN) is None


def test_the_loss_by_its_own_name_where_the_code_has_one():
    assert role_of("dLoss_db1", KNOWN | {"Loss"}) == Role("Loss", "b1", explicit=True)
    assert role_of("dc_dh", {"c", "h"}) == Role("c", "h", explicit=True)  # the cell of an LSTM is no cost


@pytest.mark.parametrize(
    ("target", "role"),
    [
        ("self.dW1", Role(None, "W1")),
        ('grads["W1"]', Role(None, "W1")),
        ("self.grads['W1']", Role(None, "W1")),
        ('g["W1"]', Role(None, "W1")),
        ('grads["dW1"]', Role(None, "W1")),
        ('cache["W1"]', None),
        ("dW[l]", Role(None, "W[l]")),
        ("dh[t - 1]", Role(None, "h[t - 1]")),
        ("dneth2_dw3", Role("neth2", "w3", explicit=True)),
        ("self.count", None),
    ],
)
def test_what_stands_before_an_assignment(target, role):
    assert role_of_target(target, KNOWN) == role


def test_roles_read_as_partials():
    assert role_of("dneth2_dw3", KNOWN).text == "∂neth2/∂w3"
    assert role_of("dW1", KNOWN).text == "∂loss/∂W1"
