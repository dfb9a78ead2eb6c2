package ocellus.loaders.image.jpeg;

/**
 * What the components of a pixel mean, and how they become RGB: with the integers of libjpeg and of
 * Pillow's {@code convert("RGB")}.
 */
enum ColorSpace {
  GREY {
    @Override
    void toRgb(Upsampling[] components, int width, byte[] rgb, int at) {
      byte[] grey = components[0].row;
      int from = components[0].offset;
      for (int x = 0, to = at; x < width; x++, to += 3) {
        byte value = grey[from + x];
        rgb[to] = value;
        rgb[to + 1] = value;
        rgb[to + 2] = value;
      }
    }
  },
  RGB {
    @Override
    void toRgb(Upsampling[] components, int width, byte[] rgb, int at) {
      for (int c = 0; c < 3; c++) {
        byte[] in = components[c].row;
        int from = components[c].offset;
        for (int x = 0, to = at + c; x < width; x++, to += 3) {
          rgb[to] = in[from + x];
        }
      }
    }
  },
  /** Rec. ITU-T T.871, in 16-bit fixed point. */
  YCBCR {
    @Override
    void toRgb(Upsampling[] components, int width, byte[] rgb, int at) {
      Upsampling luma = components[0];
      Upsampling blue = components[1];
      Upsampling red = components[2];
      for (int x = 0, to = at; x < width; x++, to += 3) {
        int y = luma.row[luma.offset + x] & 0xff;
        int cb = (blue.row[blue.offset + x] & 0xff) - CENTER;
        int cr = (red.row[red.offset + x] & 0xff) - CENTER;
        rgb[to] = (byte) red(y, cr);
        rgb[to + 1] = (byte) green(y, cb, cr);
        rgb[to + 2] = (byte) blue(y, cb);
      }
    }
  },
  /** Inverted: 255 is no ink, as Adobe writes it and Pillow assumes. */
  CMYK {
    @Override
    void toRgb(Upsampling[] components, int width, byte[] rgb, int at) {
      Upsampling black = components[3];
      for (int c = 0; c < 3; c++) {
        Upsampling ink = components[c];
        for (int x = 0, to = at + c; x < width; x++, to += 3) {
          rgb[to] =
              Inks.printed(
                  255 - (ink.row[ink.offset + x] & 0xff), black.row[black.offset + x] & 0xff);
        }
      }
    }
  },
  /** CMYK whose inks are what an RGB picture, coded as YCbCr, leaves of white. */
  YCCK {
    @Override
    void toRgb(Upsampling[] components, int width, byte[] rgb, int at) {
      YCBCR.toRgb(components, width, rgb, at);
      Upsampling black = components[3];
      for (int x = 0, to = at; x < width; x++, to += 3) {
        int white = black.row[black.offset + x] & 0xff;
        for (int c = 0; c < 3; c++) {
          rgb[to + c] = Inks.printed(rgb[to + c] & 0xff, white);
        }
      }
    }
  };

  static final int FIXED_BITS = 16;
  static final int HALF = 1 << (FIXED_BITS - 1);
  static final int CR_TO_RED = 91_881; // 1.402
  static final int CB_TO_GREEN = 22_554; // 0.344136
  static final int CR_TO_GREEN = 46_802; // 0.714136
  static final int CB_TO_BLUE = 116_130; // 1.772
  static final int CENTER = 128;

  /**
   * Converts a row.
   *
   * @param components the current rows
   * @param width pixels
   * @param at where the first red goes
   */
  abstract void toRgb(Upsampling[] components, int width, byte[] rgb, int at);

  private static int red(int y, int cr) {
    return clamp(y + ((CR_TO_RED * cr + HALF) >> FIXED_BITS));
  }

  private static int green(int y, int cb, int cr) {
    return clamp(y + ((HALF - CB_TO_GREEN * cb - CR_TO_GREEN * cr) >> FIXED_BITS));
  }

  private static int blue(int y, int cb) {
    return clamp(y + ((CB_TO_BLUE * cb + HALF) >> FIXED_BITS));
  }

  private static int clamp(int value) {
    return Math.max(0, Math.min(255, value));
  }
}
