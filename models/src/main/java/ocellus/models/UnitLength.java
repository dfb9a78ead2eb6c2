package ocellus.models;

/** The length of vectors. */
final class UnitLength {
  /** The least length that a vector is divided by, as in PyTorch's {@code normalize}. */
  private static final double LEAST_NORM = 1e-12;

  private UnitLength() {}

  static double norm(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return Math.max(Math.sqrt(squares), LEAST_NORM);
  }

  /** Scales a vector to length 1, in place. */
  static void normalize(float[] vector) {
    double norm = norm(vector);
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / norm);
    }
  }
}
