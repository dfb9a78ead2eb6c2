package ocellus.loaders.image.webp;

/** The header of a key frame: RFC 6386, sections 9.1 to 9.11 and 19.2. */
final class Vp8Header {
  static final int SEGMENTS = 4;
  private static final int TAG_BYTES = 10;

  /** Bytes that may be missing at the end, as a decoder reads ahead. */
  private static final int SLACK = 8;

  private static final int MOST_LEVEL = 63;

  final int width;
  final int height;

  /** The rest of the first part: modes of all macroblocks. */
  final BoolDecoder modes;

  final boolean updatesSegments;
  final int[] segmentProbabilities = {255, 255, 255};
  final boolean simpleFilter;
  final int sharpness;

  /** How much each segment is filtered, without and with modes of 4 x 4 blocks. */
  final int[][] levels = new int[SEGMENTS][2];

  /** Steps of each segment: luma DC and AC, their DCs' DC and AC, chroma DC and AC. */
  final int[][] steps = new int[SEGMENTS][];

  final int[] tokenProbabilities = Vp8Tables.DEFAULTS.clone();

  /** That a macroblock has no coefficients; -1 if that is not told. */
  final int skipProbability;

  /** Tokens: rows of macroblocks take them in turns. */
  final BoolDecoder[] parts;

  private final int level;
  private boolean absolute;
  private final int[] segmentSteps = new int[SEGMENTS];
  private final int[] segmentLevels = new int[SEGMENTS];

  Vp8Header(byte[] data, int start, int end) throws WebpException {
    if (end - start < TAG_BYTES) {
      throw WebpException.truncated();
    }
    int tag = (data[start] & 0xff) | (data[start + 1] & 0xff) << 8 | (data[start + 2] & 0xff) << 16;
    boolean hasCode =
        data[start + 3] == (byte) 0x9d && data[start + 4] == 1 && data[start + 5] == 42;
    if ((tag & 1) != 0 || (tag >> 1 & 7) > 3 || (tag >> 4 & 1) == 0 || !hasCode) {
      throw new WebpException("its lossy data do not start with a key frame");
    }
    width = ((data[start + 6] & 0xff) | data[start + 7] << 8) & 0x3fff;
    height = ((data[start + 8] & 0xff) | data[start + 9] << 8) & 0x3fff;
    int first = start + TAG_BYTES;
    int firstEnd = first + (tag >> 5);
    if (firstEnd > end) {
      throw WebpException.truncated();
    }
    // No macroblock's modes take less than a bit.
    long macroblocks = (long) Math.ceilDiv(width, 16) * Math.ceilDiv(height, 16);
    if (macroblocks > 8L * (firstEnd - first + SLACK)) {
      throw WebpException.truncated();
    }
    modes = new BoolDecoder(data, first, firstEnd);
    modes.literal(2); // colour space, and whether sums need no clipping
    boolean segmented = modes.flag();
    updatesSegments = segmented && readSegments();
    simpleFilter = modes.flag();
    level = modes.literal(6);
    sharpness = modes.literal(3);
    readLevels(segmented);
    parts = parts(data, firstEnd, end);
    readSteps(segmented);
    modes.flag(); // whether probabilities are kept, of which a picture has no use
    for (int i = 0; i < tokenProbabilities.length; i++) {
      if (modes.bit(Vp8Tables.UPDATES[i])) {
        tokenProbabilities[i] = modes.literal(8);
      }
    }
    skipProbability = modes.flag() ? modes.literal(8) : -1;
  }

  private boolean readSegments() {
    boolean map = modes.flag();
    if (modes.flag()) {
      absolute = modes.flag();
      for (int i = 0; i < SEGMENTS; i++) {
        segmentSteps[i] = modes.optional(7);
      }
      for (int i = 0; i < SEGMENTS; i++) {
        segmentLevels[i] = modes.optional(6);
      }
    }
    for (int i = 0; map && i < segmentProbabilities.length; i++) {
      segmentProbabilities[i] = modes.flag() ? modes.literal(8) : 255;
    }
    return map;
  }

  private void readLevels(boolean segmented) {
    int[] references = new int[4];
    int[] byMode = new int[4];
    boolean deltas = modes.flag();
    if (deltas && modes.flag()) {
      for (int i = 0; i < references.length; i++) {
        references[i] = modes.optional(6);
      }
      for (int i = 0; i < byMode.length; i++) {
        byMode[i] = modes.optional(6);
      }
    }
    for (int s = 0; s < SEGMENTS; s++) {
      int base = segmented ? segmentLevels[s] + (absolute ? 0 : level) : level;
      for (int small = 0; small < 2; small++) {
        int sum = base + (deltas ? references[0] + small * byMode[0] : 0);
        levels[s][small] = level == 0 ? 0 : Math.clamp(sum, 0, MOST_LEVEL);
      }
    }
  }

  private BoolDecoder[] parts(byte[] data, int start, int end) throws WebpException {
    BoolDecoder[] result = new BoolDecoder[1 << modes.literal(2)];
    int at = start + 3 * (result.length - 1);
    if (at > end) {
      throw WebpException.truncated();
    }
    for (int i = 0; i < result.length; i++) {
      int next = end;
      if (i < result.length - 1) {
        int p = start + 3 * i;
        int size = (data[p] & 0xff) | (data[p + 1] & 0xff) << 8 | (data[p + 2] & 0xff) << 16;
        next = Math.min(at + size, end);
      }
      result[i] = new BoolDecoder(data, at, next);
      at = next;
    }
    return result;
  }

  private void readSteps(boolean segmented) {
    int base = modes.literal(7);
    int[] deltas = new int[5]; // of luma DC, the DCs' DC and AC, chroma DC and AC
    for (int i = 0; i < deltas.length; i++) {
      deltas[i] = modes.optional(4);
    }
    for (int s = 0; s < SEGMENTS; s++) {
      int q = segmented ? segmentSteps[s] + (absolute ? 0 : base) : base;
      steps[s] =
          new int[] {
            dc(q + deltas[0], 127),
            ac(q),
            2 * dc(q + deltas[1], 127),
            Math.max(ac(q + deltas[2]) * 155 / 100, 8),
            dc(q + deltas[3], 117),
            ac(q + deltas[4])
          };
    }
  }

  private static int dc(int index, int most) {
    return Vp8Tables.DC_STEPS[Math.clamp(index, 0, most)];
  }

  private static int ac(int index) {
    return Vp8Tables.AC_STEPS[Math.clamp(index, 0, 127)];
  }
}
