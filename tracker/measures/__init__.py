"""Rates and scores: pure functions over counts; every figure keeps its numerator and denominator."""
