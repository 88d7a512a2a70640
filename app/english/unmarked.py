"""Vietnamese texts of strings that have no letter of their own to be known by; all others are found by their letters.

Only whole strings of expressions and modules are asked for here: words between tags are texts in any case.
"""

UNMARKED = frozenset(
    {
        ", thay {0}",
        "Giao cho",
        "In",
        "Sau",
        "Trang",
        "Xem",
        "chia theo",
        "sau {0}",
        "thay cho {0}",
        "theo {0}",
        "trang {0}",
        "trong {0}",
        "{0} % xong trong {1}",
    }
)
