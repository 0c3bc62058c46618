"""Once per release, `make release-answers`: the 200 mails that no rule was made on. Prints counts, never a text.

Not collected by a plain run of the tests: who looks at it often begins to tune on it.
"""

from labelled import confusion, judged, right_of_sure, untouched


def test_the_untouched_mails(capsys):
    """No wrong change of state, and 85 of 100 sure ones read without asking."""
    results = judged(untouched())

    with capsys.disabled():
        print(f"\n{confusion(results)}")
    wrong = sum(one.moves_wrongly for one in results)
    right = right_of_sure(results)
    assert wrong == 0, "see the counts above"
    assert right >= 0.85, "see the counts above"
