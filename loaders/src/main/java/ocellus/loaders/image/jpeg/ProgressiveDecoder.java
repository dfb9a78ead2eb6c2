package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** Huffman coding of bands of coefficients and of their further bits (ISO/IEC 10918-1, G.1.2). */
final class ProgressiveDecoder extends EntropyDecoder {
  private final Scan scan;
  private final BitInput in;
  private final HuffmanTable[] dc;
  private final HuffmanTable ac;
  private final int[] predictions;

  /** Blocks to come that have no further coefficients in this band. */
  private int endOfBandRun;

  ProgressiveDecoder(Scan scan, Tables tables, Input input) throws JpegException {
    super(input, tables.restartInterval);
    this.scan = scan;
    in = new BitInput(input);
    int count = scan.components().length;
    predictions = new int[count];
    dc = new HuffmanTable[count];
    for (int i = 0; i < count && scan.isDc() && scan.previousShift() == 0; i++) {
      dc[i] = tables.dcTable(scan.dcTables()[i]);
    }
    ac = scan.isDc() ? null : tables.acTable(scan.acTables()[0]);
  }

  @Override
  void reset() {
    in.restart();
    Arrays.fill(predictions, 0);
    endOfBandRun = 0;
  }

  @Override
  boolean decode(Mcu mcu) throws JpegException {
    boolean first = scan.previousShift() == 0;
    if (!scan.isDc()) {
      if (first) {
        firstAc(mcu.rows[0], mcu.offsets[0]);
      } else {
        refineAc(mcu.rows[0], mcu.offsets[0]);
      }
    } else {
      for (int i = 0; i < mcu.size; i++) {
        if (first) {
          mcu.rows[i][mcu.offsets[i]] = (short) (nextDc(mcu.components[i]) << scan.shift());
        } else if (in.take(1) != 0) {
          mcu.rows[i][mcu.offsets[i]] |= (short) (1 << scan.shift());
        }
      }
    }
    return !in.overdrawn();
  }

  private int nextDc(int component) throws JpegException {
    int category = in.symbol(dc[component]);
    if (category > 0) {
      int difference = HuffmanTable.extend(in.take(category), category);
      predictions[component] = SequentialDecoder.addExact(predictions[component], difference);
    }
    return predictions[component];
  }

  private void firstAc(short[] row, int offset) throws JpegException {
    if (endOfBandRun > 0) {
      endOfBandRun--;
      return;
    }
    for (int k = scan.first(); k <= scan.last(); k++) {
      int symbol = in.symbol(ac);
      int category = symbol & 15;
      int run = symbol >> 4;
      if (category > 0) {
        k += run;
        int coefficient = HuffmanTable.extend(in.take(category), category);
        row[offset + ZigZag.OFFSET[k]] = (short) (coefficient << scan.shift());
      } else if (run == 15) {
        k += 15;
      } else {
        endOfBandRun = (1 << run) + in.take(run) - 1;
        return;
      }
    }
  }

  private void refineAc(short[] row, int offset) throws JpegException {
    int k = scan.first();
    while (endOfBandRun == 0 && k <= scan.last()) {
      int symbol = in.symbol(ac);
      int run = symbol >> 4;
      int fresh = 0;
      if ((symbol & 15) != 0) {
        fresh = (in.take(1) != 0 ? 1 : -1) << scan.shift();
      } else if (run < 15) {
        endOfBandRun = (1 << run) + in.take(run);
        break;
      }
      k = refine(row, offset, k, run);
      if (fresh != 0) {
        row[offset + ZigZag.OFFSET[k]] = (short) fresh;
      }
      k++;
    }
    if (endOfBandRun > 0) {
      refine(row, offset, k, Frame.BLOCK);
      endOfBandRun--;
    }
  }

  /**
   * Reads a bit for each coefficient from the k-th on that is not zero.
   *
   * @param zeros how many coefficients that are zero are passed
   * @return the place of the zero behind these, or behind the band
   */
  private int refine(short[] row, int offset, int k, int zeros) throws JpegException {
    int bit = 1 << scan.shift();
    int left = zeros;
    int place = k;
    for (; place <= scan.last(); place++) {
      int at = offset + ZigZag.OFFSET[place];
      int coefficient = row[at];
      if (coefficient == 0) {
        if (--left < 0) {
          break;
        }
      } else if (in.take(1) != 0 && (coefficient & bit) == 0) {
        row[at] = (short) (coefficient + (coefficient > 0 ? bit : -bit));
      }
    }
    return place;
  }
}
