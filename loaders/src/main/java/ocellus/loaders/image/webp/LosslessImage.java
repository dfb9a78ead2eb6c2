package ocellus.loaders.image.webp;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;

/** A lossless picture: the WebP lossless bitstream specification. Not thread-safe. */
final class LosslessImage {
  private static final int SIGNATURE = 0x2f;
  private static final int LITERALS = 256;
  private static final int LENGTHS = 24;
  private static final int DISTANCES = 40;
  private static final int CODES = 5;
  private static final int MOST_CACHE_BITS = 11;
  private static final int CACHE_MULTIPLIER = 0x1e35a7bd;

  private final LosslessBits in;
  private final int width;
  private final int height;

  /** Reads the size. */
  LosslessImage(byte[] data, int start, int end) throws WebpException {
    in = new LosslessBits(data, start, end);
    if (in.read(8) != SIGNATURE) {
      throw new WebpException("its lossless data have no signature");
    }
    width = 1 + in.read(14);
    height = 1 + in.read(14);
    in.read(1); // whether there is opacity
    if (in.read(3) != 0) {
      throw new WebpException("its lossless data are of an unknown version");
    }
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The pixels, {@code [height, width, 3]}. */
  byte[] decode() throws WebpException {
    Deque<LosslessTransform> transforms = new ArrayDeque<>();
    int columns = width;
    int seen = 0;
    while (in.flag()) {
      int type = in.read(2);
      if ((seen >> type & 1) != 0) {
        throw new WebpException("it has a transform twice");
      }
      seen |= 1 << type;
      LosslessTransform transform = readTransform(type, columns);
      transforms.push(transform);
      columns = transform.packedWidth();
    }
    int[] pixels = pixels(columns, height, true);
    for (LosslessTransform transform : transforms) {
      pixels = transform.undo(pixels, height);
    }
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return rgb;
  }

  private LosslessTransform readTransform(int type, int columns) throws WebpException {
    return switch (type) {
      case LosslessTransform.PREDICTION, LosslessTransform.COLORS -> {
        int bits = 2 + in.read(3);
        int[] data = pixels(blocks(columns, bits), blocks(height, bits), false);
        yield new LosslessTransform(type, columns, bits, data);
      }
      case LosslessTransform.GREEN -> new LosslessTransform(type, columns, 0, new int[0]);
      default -> {
        int[] palette = pixels(1 + in.read(8), 1, false);
        for (int i = 1; i < palette.length; i++) {
          palette[i] = LosslessTransform.sum(palette[i], palette[i - 1]);
        }
        int bits = palette.length > 16 ? 0 : palette.length > 4 ? 1 : palette.length > 2 ? 2 : 3;
        yield new LosslessTransform(type, columns, bits, palette);
      }
    };
  }

  private static int blocks(int size, int bits) {
    return ((size - 1) >> bits) + 1;
  }

  /**
   * Reads coded pixels.
   *
   * @param main whether these are of the picture, where parts may have codes of their own
   */
  private int[] pixels(int columns, int rows, boolean main) throws WebpException {
    int cacheBits = in.flag() ? in.read(4) : 0;
    if (cacheBits > MOST_CACHE_BITS) {
      throw new WebpException("it has a cache of 2^" + cacheBits + " colours");
    }
    int[] cache = cacheBits > 0 ? new int[1 << cacheBits] : new int[0];
    int groupBits = 0;
    int[] groupOf = null;
    var used = new BitSet();
    if (main && in.flag()) {
      groupBits = 2 + in.read(3);
      groupOf = pixels(blocks(columns, groupBits), blocks(rows, groupBits), false);
      for (int i = 0; i < groupOf.length; i++) {
        groupOf[i] = groupOf[i] >> 8 & 0xffff;
        used.set(groupOf[i]);
      }
    } else {
      used.set(0);
    }
    LosslessCode[] codes = readCodes(in, used, cache.length);
    int[] out = new int[columns * rows];
    int cached = 0;
    int perRow = groupOf == null ? 0 : blocks(columns, groupBits);
    for (int at = 0; at < out.length; ) {
      int code = 0;
      if (groupOf != null) {
        code =
            CODES * groupOf[((at / columns) >> groupBits) * perRow + (at % columns >> groupBits)];
      }
      int symbol = codes[code].next(in);
      if (symbol < LITERALS) {
        int red = codes[code + 1].next(in);
        int blue = codes[code + 2].next(in);
        out[at++] = codes[code + 3].next(in) << 24 | red << 16 | symbol << 8 | blue;
      } else if (symbol < LITERALS + LENGTHS) {
        int length = number(symbol - LITERALS);
        int distance = distance(number(codes[code + 4].next(in)), columns);
        if (distance > at || length > out.length - at) {
          throw new WebpException("its data are damaged");
        }
        for (int end = at + length; at < end; at++) {
          out[at] = out[at - distance];
        }
      } else {
        for (; cached < at; cached++) {
          put(cache, cacheBits, out[cached]);
        }
        out[at++] = cache[symbol - LITERALS - LENGTHS];
      }
      for (; cacheBits > 0 && cached < at; cached++) {
        put(cache, cacheBits, out[cached]);
      }
    }
    return out;
  }

  /**
   * Reads the codes of all groups up to the last one that is used.
   *
   * @param used the groups that pixels have: a file may have codes of many more, which are checked
   *     but not kept
   * @return {@value #CODES} codes a group, null for those of other groups
   */
  static LosslessCode[] readCodes(LosslessBits in, BitSet used, int cached) throws WebpException {
    LosslessCode[] codes = new LosslessCode[CODES * used.length()];
    for (int i = 0; i < codes.length; i++) {
      int alphabet =
          switch (i % CODES) {
            case 0 -> LITERALS + LENGTHS + cached;
            case CODES - 1 -> DISTANCES;
            default -> LITERALS;
          };
      LosslessCode code = LosslessCode.read(in, alphabet);
      codes[i] = used.get(i / CODES) ? code : null;
    }
    return codes;
  }

  private static void put(int[] cache, int bits, int pixel) {
    cache[(CACHE_MULTIPLIER * pixel) >>> (Integer.SIZE - bits)] = pixel;
  }

  /** A length or a distance, of which the symbol has the upper bits. */
  private int number(int symbol) throws WebpException {
    if (symbol < 4) {
      return symbol + 1;
    }
    int bits = (symbol - 2) >> 1;
    return ((2 + (symbol & 1)) << bits) + in.read(bits) + 1;
  }

  private static int distance(int code, int columns) {
    if (code > LosslessDistances.NEAR) {
      return code - LosslessDistances.NEAR;
    }
    return Math.max(LosslessDistances.of(code, columns), 1);
  }
}
