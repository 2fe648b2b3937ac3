"""How dates are written where Django's own choice does not serve."""
