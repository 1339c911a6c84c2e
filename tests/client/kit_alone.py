"""Wrong clients that no scene of these tests comes across.

They go wrong at one turn of several: the second time, in a later session, in one of several ways. That they
are wrong is shown by the kit, whose self-test catches each by what it breaks (`make selftest-clients`). One
for which a scene is written is taken off: a test sees to that.
"""

KIT_ALONE = frozenset({"folds-what-no-event-named", "hears-no-count-of-replays"})
