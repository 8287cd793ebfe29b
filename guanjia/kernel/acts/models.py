"""Which forms were sent already."""

from typing import Any

from django.db import models


class Sending(models.Model):
    """A form that was sent and led to a row: sent once more, it leads to the same row.

    ``token``: what the form, or the ``Idempotency-Key`` of a call, bears. It says nothing to
    anybody but the account that sent it first, and is forgotten after some days.
    """

    token = models.UUIDField("表单号")
    account = models.BigIntegerField("账号")
    act = models.CharField("办理", max_length=80)
    row = models.BigIntegerField("登记号")
    at = models.DateTimeField("时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "表单提交"
        verbose_name_plural = verbose_name
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="acts_a_form_leads_to_one_row",
                fields=["token", "account", "act"],
                violation_error_message="这张表单已经提交过。",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="acts_sendings_by_time")]

    def __str__(self) -> str:
        return f"{self.act} {self.row}"
