package ocellus.loaders.image.jpeg;

/**
 * Estimates the low frequencies that an incomplete progressive file does not tell from the means of
 * the blocks around, as libjpeg-turbo does since version 2.1 (ISO/IEC 10918-1, K.8, over 5 x 5
 * blocks; and, where no AC coefficient is known, by a wider filter that also smooths the means).
 */
final class BlockSmoothing {
  private static final int WINDOW = 5;
  private static final int REACH = WINDOW / 2;
  private static final int WEIGHT_BITS = 8;

  /** Weights of the 5 x 5 means for each coefficient, in zigzag order, where there is only DC. */
  private static final int[][] FROM_DC = {
    {
      -2, -6, -8, -6, -2, //
      -6, 6, 42, 6, -6, //
      -8, 42, 152, 42, -8, //
      -6, 6, 42, 6, -6, //
      -2, -6, -8, -6, -2
    },
    {
      -1, -1, 0, 1, 1, //
      -3, 13, 0, -13, 3, //
      -3, 38, 0, -38, 3, //
      -3, 13, 0, -13, 3, //
      -1, -1, 0, 1, 1
    },
    {
      -1, -3, -3, -3, -1, //
      -1, 13, 38, 13, -1, //
      0, 0, 0, 0, 0, //
      1, -13, -38, -13, 1, //
      1, 3, 3, 3, 1
    },
    {
      0, 0, 1, 0, 0, //
      0, 2, 7, 2, 0, //
      0, -5, -14, -5, 0, //
      0, 2, 7, 2, 0, //
      0, 0, 1, 0, 0
    },
    {
      -1, 0, 0, 0, 1, //
      0, 9, 0, -9, 0, //
      0, 0, 0, 0, 0, //
      0, -9, 0, 9, 0, //
      1, 0, 0, 0, -1
    },
    {
      0, 0, 0, 0, 0, //
      0, 2, -5, 2, 0, //
      1, 7, -14, 7, 1, //
      0, 2, -5, 2, 0, //
      0, 0, 0, 0, 0
    },
    {
      0, 0, 0, 0, 0, //
      0, 1, 0, -1, 0, //
      0, 2, 0, -2, 0, //
      0, 1, 0, -1, 0, //
      0, 0, 0, 0, 0
    },
    {
      0, 0, 0, 0, 0, //
      0, 1, -3, 1, 0, //
      0, 0, 0, 0, 0, //
      0, -1, 3, -1, 0, //
      0, 0, 0, 0, 0
    },
    {
      0, 0, 0, 0, 0, //
      0, 1, 0, -1, 0, //
      0, -3, 0, 3, 0, //
      0, 1, 0, -1, 0, //
      0, 0, 0, 0, 0
    },
    {
      0, 0, 0, 0, 0, //
      0, 1, 2, 1, 0, //
      0, 0, 0, 0, 0, //
      0, -1, -2, -1, 0, //
      0, 0, 0, 0, 0
    }
  };

  /** The same where some AC coefficients are known. The means themselves are left alone. */
  private static final int[][] WITH_AC = {
    null,
    {
      0, 0, 0, 0, 0, //
      0, 0, 0, 0, 0, //
      -7, 50, 0, -50, 7, //
      0, 0, 0, 0, 0, //
      0, 0, 0, 0, 0
    },
    {
      0, 0, -7, 0, 0, //
      0, 0, 50, 0, 0, //
      0, 0, 0, 0, 0, //
      0, 0, -50, 0, 0, //
      0, 0, 7, 0, 0
    },
    {
      0, 0, -1, 0, 0, //
      0, 0, 13, 0, 0, //
      0, 0, -24, 0, 0, //
      0, 0, 13, 0, 0, //
      0, 0, -1, 0, 0
    },
    {
      0, -1, 0, 1, 0, //
      -1, 10, 0, -10, 1, //
      0, 0, 0, 0, 0, //
      1, -10, 0, 10, -1, //
      0, 1, 0, -1, 0
    },
    {
      0, 0, 0, 0, 0, //
      0, 0, 0, 0, 0, //
      -1, 13, -24, 13, -1, //
      0, 0, 0, 0, 0, //
      0, 0, 0, 0, 0
    }
  };

  private final Frame frame;
  private final Component component;
  private final Coefficients coefficients;
  private final Progression progression;
  private final short[] smooth;
  private final short[] zeros;
  private final int[] means = new int[WINDOW * WINDOW];
  private final short[][] rows = new short[WINDOW][];

  private BlockSmoothing(
      Frame frame, Component component, Coefficients coefficients, Progression progression) {
    this.frame = frame;
    this.component = component;
    this.coefficients = coefficients;
    this.progression = progression;
    this.smooth = new short[coefficients.rowLength()];
    this.zeros = new short[coefficients.rowLength()];
  }

  /** One for each component, or null where nothing is to be smoothed. */
  static BlockSmoothing[] of(Frame frame, Coefficients[] coefficients, Progression progression) {
    BlockSmoothing[] all = new BlockSmoothing[frame.components.length];
    boolean useful = false;
    for (Component component : frame.components) {
      if (!component.quantised || !progression.hasDc(component)) {
        return null;
      }
      for (int k = 0; k < Progression.WATCHED; k++) {
        if (component.quantisation[ZigZag.NATURAL[k]] == 0) {
          return null;
        }
      }
      useful |= progression.incomplete(component);
      int index = component.index;
      all[index] = new BlockSmoothing(frame, component, coefficients[index], progression);
    }
    return useful ? all : null;
  }

  /**
   * A row of blocks with estimates where coefficients are unknown and zero, valid until the next
   * call.
   *
   * @param line of the row within its row of MCUs
   */
  short[] row(int frameRow, int line) {
    int blockRow = frameRow * component.vertical + line;
    findRows(frameRow, line);
    int[] lowestBits = progression.lowestBits(component, frameRow);
    int[][] weights = FROM_DC;
    for (int k = 1; k < Progression.WATCHED; k++) {
      if (lowestBits[k] != Progression.UNKNOWN) {
        weights = WITH_AC;
      }
    }
    System.arraycopy(orZeros(blockRow), 0, smooth, 0, smooth.length);
    for (int block = 0; block < component.blocksWide; block++) {
      gather(block);
      int offset = Coefficients.offset(block);
      for (int k = weights.length - 1; k >= 0; k--) {
        int at = offset + ZigZag.OFFSET[k];
        if (k == 0 ? weights[0] != null : lowestBits[k] != 0 && smooth[at] == 0) {
          smooth[at] = (short) estimate(weights[k], k, k == 0 ? 0 : lowestBits[k]);
        }
      }
    }
    return smooth;
  }

  /**
   * The rows of blocks around, which at the edges are the nearest ones, counted as libjpeg does.
   */
  private void findRows(int frameRow, int line) {
    int blockRow = frameRow * component.vertical + line;
    int lines = component.vertical;
    if (frameRow == frame.mcusHigh - 1) {
      lines = component.blocksHigh - frameRow * component.vertical;
    }
    int place = frameRow * lines + line;
    int places = lines * frame.mcusHigh;
    int above = place > 0 ? blockRow - 1 : blockRow;
    int below = place < places - 1 ? blockRow + 1 : blockRow;
    rows[0] = orZeros(place > 1 ? blockRow - 2 : above);
    rows[1] = orZeros(above);
    rows[2] = orZeros(blockRow);
    rows[3] = orZeros(below);
    rows[4] = orZeros(place < places - 2 ? blockRow + 2 : below);
  }

  private short[] orZeros(int blockRow) {
    short[] row = coefficients.rowIfAny(blockRow);
    return row == null ? zeros : row;
  }

  private void gather(int block) {
    for (int i = 0; i < means.length; i++) {
      int column = block + i % WINDOW - REACH;
      int nearest = Math.max(0, Math.min(component.blocksWide - 1, column));
      means[i] = rows[i / WINDOW][Coefficients.offset(nearest)];
    }
  }

  private int estimate(int[] weights, int k, int lowestBit) {
    long sum = 0;
    for (int i = 0; i < means.length; i++) {
      sum += (long) weights[i] * means[i];
    }
    long scaled = sum * component.quantisation[0];
    long step = component.quantisation[ZigZag.NATURAL[k]];
    long size = ((step << (WEIGHT_BITS - 1)) + Math.abs(scaled)) / (step << WEIGHT_BITS);
    if (lowestBit > 0) {
      size = Math.min((int) size, (1 << lowestBit) - 1); // what is below the lowest bit
    }
    return (int) (scaled < 0 ? -size : size);
  }
}
