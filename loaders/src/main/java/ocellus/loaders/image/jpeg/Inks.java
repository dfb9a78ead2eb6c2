package ocellus.loaders.image.jpeg;

/** Cyan, magenta, yellow and black as Pillow makes them red, green and blue. */
public final class Inks {
  private Inks() {}

  /** What an ink leaves of the white that black leaves, all from 0 to 255, rounded. */
  public static byte printed(int ink, int white) {
    int product = ink * white + 128;
    return (byte) Math.max(0, white - (((product >> 8) + product) >> 8));
  }
}
