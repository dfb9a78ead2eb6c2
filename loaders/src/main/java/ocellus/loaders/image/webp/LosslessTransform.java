package ocellus.loaders.image.webp;

/** How pixels have been changed before they were coded: section 4 of the specification. */
final class LosslessTransform {
  static final int PREDICTION = 0;
  static final int COLORS = 1;
  static final int GREEN = 2;

  private static final int OPAQUE = 0xff000000;

  private final int type;
  private final int width;
  private final int bits;
  private final int[] data;

  /**
   * @param type one of the constants, or 3 for a palette
   * @param bits of the size of a block; of a palette, of how many pixels are in one
   * @param data of each block; the palette
   */
  LosslessTransform(int type, int width, int bits, int[] data) {
    this.type = type;
    this.width = width;
    this.bits = bits;
    this.data = data;
  }

  /** The width of what is coded. */
  int packedWidth() {
    return type > GREEN ? ((width - 1) >> bits) + 1 : width;
  }

  /** The pixels as they were before; perhaps in the same array. */
  int[] undo(int[] pixels, int height) {
    switch (type) {
      case PREDICTION -> addPredictions(pixels, height);
      case COLORS -> addColors(pixels);
      case GREEN -> {
        for (int i = 0; i < pixels.length; i++) {
          int green = pixels[i] >> 8 & 0xff;
          pixels[i] = sum(pixels[i], green << 16 | green);
        }
      }
      default -> {
        return lookUp(pixels, height);
      }
    }
    return pixels;
  }

  /** Of each of four bytes. */
  static int sum(int a, int b) {
    int evens = (a & 0x00ff00ff) + (b & 0x00ff00ff) & 0x00ff00ff;
    int odds = (a & 0xff00ff00) + (b & 0xff00ff00) & 0xff00ff00;
    return evens | odds;
  }

  private int blockAt(int x, int y) {
    return data[(y >> bits) * (((width - 1) >> bits) + 1) + (x >> bits)];
  }

  private void addPredictions(int[] pixels, int height) {
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, at++) {
        int prediction;
        if (y == 0) {
          prediction = x == 0 ? OPAQUE : pixels[at - 1];
        } else if (x == 0) {
          prediction = pixels[at - width];
        } else {
          int top = at - width;
          int mode = blockAt(x, y) >> 8 & 15;
          prediction = predict(mode, pixels[at - 1], pixels[top], pixels[top + 1], pixels[top - 1]);
        }
        pixels[at] = sum(pixels[at], prediction);
      }
    }
  }

  private static int predict(int mode, int left, int top, int right, int corner) {
    return switch (mode) {
      case 1 -> left;
      case 2 -> top;
      case 3 -> right;
      case 4 -> corner;
      case 5 -> average(average(left, right), top);
      case 6 -> average(left, corner);
      case 7 -> average(left, top);
      case 8 -> average(corner, top);
      case 9 -> average(top, right);
      case 10 -> average(average(left, corner), average(top, right));
      case 11 -> select(left, top, corner);
      case 12 -> full(left, top, corner);
      case 13 -> half(average(left, top), corner);
      default -> OPAQUE;
    };
  }

  private static int average(int a, int b) {
    return ((a ^ b) >>> 1 & 0x7f7f7f7f) + (a & b);
  }

  /** The one that is nearer to left plus top less corner. */
  private static int select(int left, int top, int corner) {
    int difference = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      int c = corner >> shift & 0xff;
      difference += Math.abs((left >> shift & 0xff) - c) - Math.abs((top >> shift & 0xff) - c);
    }
    return difference <= 0 ? top : left;
  }

  private static int full(int left, int top, int corner) {
    int result = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      int value = (left >> shift & 0xff) + (top >> shift & 0xff) - (corner >> shift & 0xff);
      result |= Math.clamp(value, 0, 255) << shift;
    }
    return result;
  }

  private static int half(int average, int corner) {
    int result = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      int a = average >> shift & 0xff;
      result |= Math.clamp(a + (a - (corner >> shift & 0xff)) / 2, 0, 255) << shift;
    }
    return result;
  }

  private void addColors(int[] pixels) {
    for (int i = 0; i < pixels.length; i++) {
      int factors = blockAt(i % width, i / width);
      int green = (byte) (pixels[i] >> 8);
      int red = (pixels[i] >> 16) + (((byte) factors * green) >> 5) & 0xff;
      int blue =
          pixels[i]
                  + (((byte) (factors >> 8) * green) >> 5)
                  + (((byte) (factors >> 16) * (byte) red) >> 5)
              & 0xff;
      pixels[i] = (pixels[i] & 0xff00ff00) | red << 16 | blue;
    }
  }

  /** Indices are in green; those that the palette does not have are transparent black. */
  private int[] lookUp(int[] packed, int height) {
    int[] pixels = new int[width * height];
    int packedWidth = packedWidth();
    int depth = 8 >> bits;
    int inOne = (1 << bits) - 1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int green = packed[y * packedWidth + (x >> bits)] >> 8 & 0xff;
        int index = green >> ((x & inOne) * depth) & ((1 << depth) - 1);
        pixels[y * width + x] = index < data.length ? data[index] : 0;
      }
    }
    return pixels;
  }
}
