package ocellus.loaders.image.webp;

import java.util.Arrays;

/**
 * A lossy picture: the key frame of a VP8 stream (RFC 6386). All macroblocks are predicted and
 * completed first, then filtered: prediction looks at samples that have not been. Not thread-safe.
 */
final class Vp8Frame {
  private static final int MACROBLOCK = 16;
  private static final int CHROMA = 8;
  private static final int BLOCKS = 25;

  private static final int LUMA_WITHOUT_DC = 0;
  private static final int DCS = 1;
  private static final int CHROMA_BLOCK = 2;
  private static final int LUMA = 3;

  private static final int[] SMALL_MODE_TREE = {
    -Vp8Prediction.DC,
    2,
    -Vp8Prediction.TRUE_MOTION,
    4,
    -Vp8Prediction.VERTICAL,
    6,
    8,
    12,
    -Vp8Prediction.HORIZONTAL,
    10,
    -5,
    -6,
    -4,
    14,
    -7,
    16,
    -8,
    -9
  };

  private final Vp8Header header;
  private final Vp8Tokens tokens;
  private final Vp8Transform transform = new Vp8Transform();
  private final int columns;
  private final int rows;
  private final Vp8Plane[] planes;
  private final Vp8Prediction[] predictions;

  /** Modes of the 4 x 4 blocks above, and on the left. */
  private final int[] modesAbove;

  private final int[] modesLeft = new int[4];

  /** Which blocks have coefficients: 4 of luma, 2 and 2 of chroma, and the DCs. */
  private final boolean[] filledAbove;

  private final boolean[] filledLeft = new boolean[9];

  /** Of luma, chroma, and the DCs of luma. */
  private final short[] coefficients = new short[BLOCKS * Vp8Tokens.BLOCK];

  private final short[] dcs = new short[Vp8Tokens.BLOCK];

  /** How much each macroblock is to be filtered, and whether also within. */
  private final byte[] levels;

  private final boolean[] filterWithin;

  private final int[] modes = new int[Vp8Tokens.BLOCK];

  Vp8Frame(Vp8Header header) {
    this.header = header;
    this.tokens = new Vp8Tokens(header.tokenProbabilities);
    this.columns = Math.ceilDiv(header.width, MACROBLOCK);
    this.rows = Math.ceilDiv(header.height, MACROBLOCK);
    this.planes =
        new Vp8Plane[] {
          new Vp8Plane(columns * MACROBLOCK, rows * MACROBLOCK),
          new Vp8Plane(columns * CHROMA, rows * CHROMA),
          new Vp8Plane(columns * CHROMA, rows * CHROMA)
        };
    this.predictions = Arrays.stream(planes).map(Vp8Prediction::new).toArray(Vp8Prediction[]::new);
    this.modesAbove = new int[4 * columns];
    this.filledAbove = new boolean[9 * columns];
    this.levels = new byte[columns * rows];
    this.filterWithin = new boolean[columns * rows];
  }

  /** The pixels, {@code [height, width, 3]}. */
  byte[] decode() throws WebpException {
    for (int row = 0; row < rows; row++) {
      BoolDecoder part = header.parts[row & (header.parts.length - 1)];
      Arrays.fill(modesLeft, Vp8Prediction.DC);
      Arrays.fill(filledLeft, false);
      for (int column = 0; column < columns; column++) {
        macroblock(part, column, row);
      }
      if (header.modes.isExhausted() || part.isExhausted()) {
        throw WebpException.truncated();
      }
    }
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        filter(column, row);
      }
    }
    return Vp8Pixels.rgb(planes[0], planes[1], planes[2], header.width, header.height);
  }

  private void macroblock(BoolDecoder part, int column, int row) {
    BoolDecoder in = header.modes;
    int[] p = header.segmentProbabilities;
    int segment = 0;
    if (header.updatesSegments) {
      boolean upper = in.bit(p[0]);
      segment = (upper ? 2 : 0) + (in.bit(p[upper ? 2 : 1]) ? 1 : 0);
    }
    boolean skipped = header.skipProbability >= 0 && in.bit(header.skipProbability);
    boolean small = !in.bit(145);
    int mode = small ? -1 : largeMode(in);
    if (small) {
      readSmallModes(in, column);
    } else {
      Arrays.fill(modesAbove, 4 * column, 4 * column + 4, mode);
      Arrays.fill(modesLeft, mode);
    }
    int chromaMode = chromaMode(in);
    boolean filled = false;
    if (!skipped) {
      filled = readCoefficients(part, column, header.steps[segment], small);
    } else {
      clearContexts(column, small);
    }
    predict(column, row, mode, chromaMode, filled);
    int index = row * columns + column;
    levels[index] = (byte) header.levels[segment][small ? 1 : 0];
    filterWithin[index] = small || filled;
  }

  private static int largeMode(BoolDecoder in) {
    if (in.bit(156)) {
      return in.flag() ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
    }
    return in.bit(163) ? Vp8Prediction.VERTICAL : Vp8Prediction.DC;
  }

  private static int chromaMode(BoolDecoder in) {
    if (!in.bit(142)) {
      return Vp8Prediction.DC;
    } else if (!in.bit(114)) {
      return Vp8Prediction.VERTICAL;
    }
    return in.bit(183) ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
  }

  private void readSmallModes(BoolDecoder in, int column) {
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        int context = Vp8Tables.modeContext(modesAbove[4 * column + x], modesLeft[y]);
        int i = 0;
        do {
          int probability = Vp8Tables.MODE_PROBABILITIES[context + i / 2];
          i = SMALL_MODE_TREE[i + (in.bit(probability) ? 1 : 0)];
        } while (i > 0);
        modesAbove[4 * column + x] = -i;
        modesLeft[y] = -i;
        modes[4 * y + x] = -i;
      }
    }
  }

  private void clearContexts(int column, boolean small) {
    // What a macroblock without DCs of its own leaves for the next that has some stays.
    int count = small ? 8 : 9;
    Arrays.fill(filledAbove, 9 * column, 9 * column + count, false);
    Arrays.fill(filledLeft, 0, count, false);
  }

  /** Returns whether there is any coefficient. */
  private boolean readCoefficients(BoolDecoder in, int column, int[] steps, boolean small) {
    Arrays.fill(coefficients, (short) 0);
    int above = 9 * column;
    boolean any = false;
    int first = 0;
    int type = LUMA;
    if (!small) {
      Arrays.fill(dcs, (short) 0);
      int context = (filledAbove[above + 8] ? 1 : 0) + (filledLeft[8] ? 1 : 0);
      boolean filled = tokens.read(in, DCS, context, 0, steps[2], steps[3], dcs, 0) > 0;
      filledAbove[above + 8] = filled;
      filledLeft[8] = filled;
      transform.walshHadamard(dcs, coefficients);
      first = 1;
      type = LUMA_WITHOUT_DC;
    }
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        int at = (4 * y + x) * Vp8Tokens.BLOCK;
        int context = (filledAbove[above + x] ? 1 : 0) + (filledLeft[y] ? 1 : 0);
        int end = tokens.read(in, type, context, first, steps[0], steps[1], coefficients, at);
        filledAbove[above + x] = end > first;
        filledLeft[y] = end > first;
        any |= end > 1 || coefficients[at] != 0;
      }
    }
    for (int plane = 0; plane < 2; plane++) {
      for (int i = 0; i < 4; i++) {
        int x = above + 4 + 2 * plane + i % 2;
        int y = 4 + 2 * plane + i / 2;
        int at = (16 + 4 * plane + i) * Vp8Tokens.BLOCK;
        int context = (filledAbove[x] ? 1 : 0) + (filledLeft[y] ? 1 : 0);
        int end = tokens.read(in, CHROMA_BLOCK, context, 0, steps[4], steps[5], coefficients, at);
        filledAbove[x] = end > 0;
        filledLeft[y] = end > 0;
        any |= end > 1 || coefficients[at] != 0;
      }
    }
    return any;
  }

  private void predict(int column, int row, int mode, int chromaMode, boolean filled) {
    Vp8Plane luma = planes[0];
    int at = luma.at(column * MACROBLOCK, row * MACROBLOCK);
    if (mode < 0) {
      predictSmall(luma, at, column, row, filled);
    } else {
      predictions[0].large(mode, at, MACROBLOCK, row > 0, column > 0);
      for (int i = 0; filled && i < 16; i++) {
        int block = at + i / 4 * 4 * luma.stride + i % 4 * 4;
        transform.add(coefficients, i * Vp8Tokens.BLOCK, luma.samples, block, luma.stride);
      }
    }
    for (int plane = 1; plane <= 2; plane++) {
      Vp8Plane chroma = planes[plane];
      int to = chroma.at(column * CHROMA, row * CHROMA);
      predictions[plane].large(chromaMode, to, CHROMA, row > 0, column > 0);
      for (int i = 0; filled && i < 4; i++) {
        int block = to + i / 2 * 4 * chroma.stride + i % 2 * 4;
        int from = (12 + 4 * plane + i) * Vp8Tokens.BLOCK;
        transform.add(coefficients, from, chroma.samples, block, chroma.stride);
      }
    }
  }

  private void predictSmall(Vp8Plane luma, int at, int column, int row, boolean filled) {
    // Blocks at the right edge look at the macroblock above and to the right, all four of them.
    int right = at - luma.stride + MACROBLOCK;
    if (column == columns - 1 && row > 0) {
      Arrays.fill(luma.samples, right, right + 4, luma.samples[right - 1]);
    }
    for (int i = 0; i < 16; i++) {
      int block = at + i / 4 * 4 * luma.stride + i % 4 * 4;
      predictions[0].small(modes[i], block, i % 4 == 3 ? right : block - luma.stride + 4);
      if (filled) {
        transform.add(coefficients, i * Vp8Tokens.BLOCK, luma.samples, block, luma.stride);
      }
    }
  }

  private void filter(int column, int row) {
    int index = row * columns + column;
    int level = levels[index];
    if (level == 0) {
      return;
    }
    int inner = level;
    if (header.sharpness > 0) {
      inner = Math.min(level >> (header.sharpness > 4 ? 2 : 1), 9 - header.sharpness);
    }
    inner = Math.max(inner, 1);
    int limit = 2 * level + inner;
    int variance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
    if (header.simpleFilter) {
      filterSimply(column, row, limit, filterWithin[index]);
      return;
    }
    for (Vp8Plane plane : planes) {
      int size = plane == planes[0] ? MACROBLOCK : CHROMA;
      int at = plane.at(column * size, row * size);
      var filter = new Vp8LoopFilter(plane);
      if (column > 0) {
        filter.left(at, size, limit + 4, inner, variance);
      }
      if (filterWithin[index]) {
        filter.columns(at, size, limit, inner, variance);
      }
      if (row > 0) {
        filter.top(at, size, limit + 4, inner, variance);
      }
      if (filterWithin[index]) {
        filter.rows(at, size, limit, inner, variance);
      }
    }
  }

  private void filterSimply(int column, int row, int limit, boolean within) {
    Vp8Plane luma = planes[0];
    int at = luma.at(column * MACROBLOCK, row * MACROBLOCK);
    var filter = new Vp8LoopFilter(luma);
    for (int x = column > 0 ? 0 : 4; x < (within ? MACROBLOCK : 4); x += 4) {
      filter.simple(at + x, luma.stride, 1, x == 0 ? limit + 4 : limit);
    }
    for (int y = row > 0 ? 0 : 4; y < (within ? MACROBLOCK : 4); y += 4) {
      filter.simple(at + y * luma.stride, 1, luma.stride, y == 0 ? limit + 4 : limit);
    }
  }
}
