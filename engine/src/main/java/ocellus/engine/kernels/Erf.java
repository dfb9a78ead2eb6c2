package ocellus.engine.kernels;

/** The complementary error function in double precision. */
final class Erf {
  private Erf() {}

  /**
   * erfc(x) = 2/sqrt(pi) integral from x of exp(-t^2), to about 1e-12 relative.
   *
   * <p>Series for small |x| (Abramowitz and Stegun 7.1.6), continued fraction for large (7.1.14).
   */
  static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double z = Math.abs(x);
    double upper = z < 2.5 ? 1 - series(z) : continuedFraction(z);
    return x < 0 ? 2 - upper : upper;
  }

  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static double continuedFraction(double x) {
    if (x > 27) {
      return 0; // exp(-x^2) underflows
    }
    double tail = x;
    for (int n = 60; n >= 1; n--) {
      tail = x + n / 2.0 / tail;
    }
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
  }
}
