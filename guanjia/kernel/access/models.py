"""Accounts, and the duties they hold with their reach."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Reach


class Accounts(BaseUserManager["Account"]):
    """Finds accounts by their user name, as Django's sign-in asks."""


class Account(AbstractBaseUser):
    """Who can sign in; usually a person of the tree, sometimes only an administrator."""

    username = models.CharField("用户名", max_length=60, unique=True)
    person = models.OneToOneField(
        Person, models.PROTECT, null=True, related_name="account", verbose_name="人员"
    )
    name = models.CharField("姓名", max_length=60)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须改密码", default=True)
    created_at = models.DateTimeField("开户时间")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[Any] = Accounts()

    class Meta:
        verbose_name = "账号"
        ordering = ("username",)

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """The path of the person's unit, for the trail."""
        return self.person.unit_path if self.person else ""


class Grants(models.QuerySet["Grant"]):
    """Filters over grants."""

    def in_force(self, on: Any) -> "Grants":
        """The grants that hold on a day."""
        return self.filter(since__lte=on).filter(models.Q(until=None) | models.Q(until__gt=on))


class Grant(models.Model):
    """A duty (职责) given to an account, with its reach and the unit it hangs on."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="grants")
    duty = models.CharField("职责", max_length=60)
    reach = models.CharField("数据范围", max_length=10, choices=Reach.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="grants")
    since = models.DateField("起")
    until = models.DateField("止", null=True)

    objects: Any = Grants.as_manager()

    class Meta:
        verbose_name = "授权"
        ordering = ("account", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "duty", "unit", "reach"],
                condition=models.Q(until=None),
                nulls_distinct=False,
                name="access_grant_is_given_once",
            ),
            models.CheckConstraint(
                name="access_grant_of_a_unit_names_it",
                condition=~models.Q(reach__in=["UNIT", "BELOW"]) | models.Q(unit__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.duty}"
