package ocellus.loaders.image.webp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The tables of RFC 6386, sections 11.5, 13.4, 13.5 and 14.1, in this order in a resource. */
final class Vp8Tables {
  private static final int MODES = 10;
  private static final int MODE_BRANCHES = MODES - 1;

  /** Types of blocks, bands of coefficients, contexts, branches of the tree of tokens. */
  static final int TYPES = 4;

  static final int BANDS = 8;
  static final int CONTEXTS = 3;
  static final int BRANCHES = 11;
  private static final int COEFFICIENT_PROBABILITIES = TYPES * BANDS * CONTEXTS * BRANCHES;

  private static final int QUANTISERS = 128;
  private static final String HEX = read();
  private static final int UPDATES_AT = MODES * MODES * MODE_BRANCHES;
  private static final int DEFAULTS_AT = UPDATES_AT + COEFFICIENT_PROBABILITIES;
  private static final int STEPS_AT = DEFAULTS_AT + COEFFICIENT_PROBABILITIES;

  /** Of the mode of a 4 x 4 block: {@code [mode above, mode on the left, branch]}. */
  static final int[] MODE_PROBABILITIES = bytes(0, UPDATES_AT);

  /** That a probability is replaced: {@code [type, band, context, branch]}. */
  static final int[] UPDATES = bytes(UPDATES_AT, COEFFICIENT_PROBABILITIES);

  /** Those of tokens, as long as they are not replaced. */
  static final int[] DEFAULTS = bytes(DEFAULTS_AT, COEFFICIENT_PROBABILITIES);

  static final int[] DC_STEPS = shorts(2 * STEPS_AT);
  static final int[] AC_STEPS = shorts(2 * STEPS_AT + 4 * QUANTISERS);

  private Vp8Tables() {}

  /** Where the probabilities of a mode start. */
  static int modeContext(int above, int left) {
    return (above * MODES + left) * MODE_BRANCHES;
  }

  /** Where the probabilities of a token start. */
  static int tokenContext(int type, int band, int context) {
    return ((type * BANDS + band) * CONTEXTS + context) * BRANCHES;
  }

  private static String read() {
    try (InputStream in = Vp8Tables.class.getResourceAsStream("vp8-tables.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] bytes(int at, int count) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = Integer.parseInt(HEX, 2 * (at + i), 2 * (at + i) + 2, 16);
    }
    return values;
  }

  private static int[] shorts(int digitAt) {
    int[] values = new int[QUANTISERS];
    for (int i = 0; i < QUANTISERS; i++) {
      values[i] = Integer.parseInt(HEX, digitAt + 4 * i, digitAt + 4 * i + 4, 16);
    }
    return values;
  }
}
