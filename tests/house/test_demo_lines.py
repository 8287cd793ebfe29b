"""What `guanjia up --demo` says over a database that holds something else."""

import pytest

from guanjia.config import cli
from guanjia.demo import loading
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests import builders

pytestmark = pytest.mark.django_db


def test_other_data_gets_no_demo_accounts_but_a_way_in() -> None:
    builders.unit("3602", None)
    said: list[str] = []
    lines = cli._demo_lines(said.append)
    assert said == ["数据库里已有别的数据，没有装入演示城市，也没有演示账号。"]
    assert not loading.is_here()
    assert Unit.objects.count() == 1
    assert "管理员账号" in "".join(lines)
