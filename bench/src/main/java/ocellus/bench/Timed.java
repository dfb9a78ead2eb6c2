package ocellus.bench;

/** Something whose speed is measured in {@link Turns}. */
@FunctionalInterface
interface Timed {
  /**
   * Runs passes until {@code millis} milliseconds are spent, at least one.
   *
   * @return how many milliseconds each took
   */
  double[] passes(double millis);
}
