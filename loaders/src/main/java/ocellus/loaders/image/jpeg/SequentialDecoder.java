package ocellus.loaders.image.jpeg;

import java.util.Arrays;

/** Huffman coding of whole blocks (ISO/IEC 10918-1, F.2.2). */
final class SequentialDecoder extends EntropyDecoder {
  private static final int LAST = Frame.BLOCK - 1;

  private final BitInput in;
  private final HuffmanTable[] dc;
  private final HuffmanTable[] ac;
  private final int[] predictions;

  SequentialDecoder(Scan scan, Tables tables, Input input) throws JpegException {
    super(input, tables.restartInterval);
    in = new BitInput(input);
    int count = scan.components().length;
    dc = new HuffmanTable[count];
    ac = new HuffmanTable[count];
    predictions = new int[count];
    for (int i = 0; i < count; i++) {
      dc[i] = tables.dcTable(scan.dcTables()[i]);
      ac[i] = tables.acTable(scan.acTables()[i]);
    }
  }

  @Override
  void reset() {
    in.restart();
    Arrays.fill(predictions, 0);
  }

  @Override
  boolean decode(Mcu mcu) throws JpegException {
    for (int i = 0; i < mcu.size; i++) {
      int component = mcu.components[i];
      short[] row = mcu.rows[i];
      int offset = mcu.offsets[i];
      row[offset] = (short) dc(component);
      ac(ac[component], row, offset);
    }
    return !in.overdrawn();
  }

  private int dc(int component) throws JpegException {
    in.refill();
    HuffmanTable table = dc[component];
    long bits = in.bits;
    int entry = table.symbol(bits);
    bits <<= entry >> 8;
    int category = entry & 0xff;
    in.count -= (entry >> 8) + category;
    if (category == 0) {
      in.bits = bits;
      return predictions[component];
    }
    int difference = HuffmanTable.extend((int) (bits >>> (Long.SIZE - category)), category);
    in.bits = bits << category;
    predictions[component] = addExact(predictions[component], difference);
    return predictions[component];
  }

  static int addExact(int prediction, int difference) throws JpegException {
    int sum = prediction + difference;
    if (((prediction ^ sum) & (difference ^ sum)) < 0) {
      throw new JpegException("its DC coefficients grow beyond all bounds");
    }
    return sum;
  }

  private void ac(HuffmanTable table, short[] row, int offset) throws JpegException {
    BitInput in = this.in;
    byte[] data = in.input.data;
    int[] coefficients = table.coefficients;
    long bits = in.bits;
    int count = in.count;
    int position = in.input.position;
    int last = in.lastPlain();
    int k = 0;
    while (k < LAST) {
      if (count < Integer.SIZE) {
        int next = BitInput.plainBytes(data, position, last);
        if (next != BitInput.NOT_PLAIN) {
          bits |= (next & 0xffff_ffffL) << (Integer.SIZE - count);
          count += Integer.SIZE;
          position += Integer.BYTES;
        } else {
          in.bits = bits;
          in.count = count;
          in.input.position = position;
          in.refill();
          bits = in.bits;
          count = in.count;
          position = in.input.position;
          last = in.lastPlain();
        }
      }
      int found = coefficients[(int) (bits >>> (Long.SIZE - HuffmanTable.LOOK_AHEAD))];
      if (found >> 16 != 0) {
        k += found >> 8 & 0xff;
        bits <<= found;
        count -= found & 0xff;
        row[offset + ZigZag.OFFSET[k]] = (short) (found >> 16);
        continue;
      }
      int entry = table.symbol(bits);
      bits <<= entry >> 8;
      count -= entry >> 8;
      int category = entry & 15;
      int run = entry >> 4 & 15;
      if (category == 0) {
        if (run < 15) {
          break; // End of block.
        }
        k += 16;
        continue;
      }
      k += run + 1;
      int coefficient = HuffmanTable.extend((int) (bits >>> (Long.SIZE - category)), category);
      bits <<= category;
      count -= category;
      row[offset + ZigZag.OFFSET[k]] = (short) coefficient;
    }
    in.bits = bits;
    in.count = count;
    in.input.position = position;
  }
}
