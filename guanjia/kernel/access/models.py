"""Accounts, and the duties they hold with their reach."""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Reach, Scope


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


class Looks(models.QuerySet["Look"]):
    """Filters over looks."""

    def within(self, scope: Scope) -> "Looks":
        """The looks of people of units inside the scope, and one's own."""
        if scope.everything:
            return self
        wanted = models.Q(account__person__unit__in=scope.unit_ids)
        for path in scope.paths:
            wanted |= models.Q(account__person__unit__path__startswith=path)
        if scope.person_id:
            wanted |= models.Q(account__person=scope.person_id)
        return self.filter(wanted)


class Look(models.Model):
    """A look (监督浏览): what somebody from outside opened, took out or asked for in vain.

    ``page`` is the url name or the operation of the API, ``title`` what people call it; ``query``
    are the filters of a list. A page of one row names it by model and id, a register by its key.
    ``rows`` is how many rows were shown or taken out, ``None`` where nobody counted.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="looks", verbose_name="账号")
    duty = models.CharField("职责", max_length=60)
    at = models.DateTimeField("时间")
    page = models.CharField("页面", max_length=80)
    title = models.CharField("内容", max_length=100, blank=True)
    path = models.CharField("地址", max_length=300, blank=True)
    query = models.CharField("条件", max_length=500, blank=True)
    register = models.CharField("台账", max_length=60, blank=True)
    subject_type = models.CharField("对象", max_length=60, blank=True)
    subject_id = models.BigIntegerField("对象号", null=True)
    rows = models.PositiveIntegerField("行数", null=True)
    exported = models.BooleanField("导出", default=False)
    refused = models.BooleanField("未准", default=False)
    address = models.GenericIPAddressField("来自", null=True)

    objects: Any = Looks.as_manager()

    class Meta:
        verbose_name = "监督浏览"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["-at"], name="access_look_at"),
            models.Index(fields=["account", "-id"], name="access_look_by"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="access_look_on"),
        ]
        triggers = [
            pgtrigger.Protect(name="look_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.title or self.page}"
