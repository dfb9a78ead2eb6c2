package ocellus.loaders.image.webp;

/** The first distances stand for pixels nearby: section 5.2.2 of the specification. */
final class LosslessDistances {
  /** How many do. */
  static final int NEAR = 120;

  /** Rows up in the upper digit; eight less columns to the left in the lower one. */
  private static final String HEX =
      "1807171928062729161a262a38053739151b363a252b48044749141c353b464a"
          + "242c58454b343c035759131d565a232d444c555b333d68026769121e666a222e"
          + "545c434d656b323e78017779535d111f646c424e767a212f757b313f636d525e"
          + "00747c414f1020626e30737d515f40727e616f50717f6070";

  private LosslessDistances() {}

  static int of(int code, int columns) {
    int at = 2 * (code - 1);
    int up = Character.digit(HEX.charAt(at), 16);
    return up * columns + 8 - Character.digit(HEX.charAt(at + 1), 16);
  }
}
