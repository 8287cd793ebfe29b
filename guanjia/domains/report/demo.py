"""Who reads the half-year report in the demo."""

from guanjia.demo.accounts import LEADER, Grant
from guanjia.demo.declaration import Demo
from guanjia.kernel.values.actor import Reach

DEMO = Demo(place=90, grants={LEADER: (Grant(duty="report.reader", reach=Reach.CITY),)})
