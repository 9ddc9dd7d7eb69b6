"""The verbs: what a user calls."""

from gradcheck.checks.diagnosing import diagnose as diagnose
from gradcheck.checks.hessians import check_hessian as check_hessian
from gradcheck.checks.networks import cross_check as cross_check
from gradcheck.checks.products import check_jvp as check_jvp
from gradcheck.checks.products import check_vjp as check_vjp
from gradcheck.checks.proofs import prove as prove
from gradcheck.checks.verbs import assert_gradient as assert_gradient
from gradcheck.checks.verbs import check as check
from gradcheck.checks.verbs import check_file as check_file
