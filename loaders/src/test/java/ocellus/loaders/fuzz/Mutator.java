package ocellus.loaders.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages files, the same way each time that it starts from the same number. */
final class Mutator {
  /** What mutants do not outgrow, but for those that repeat a part of themselves many times. */
  private static final int MOST_BYTES = 64 << 10;

  private static final int MOST_REPEATED_BYTES = 2 << 20;
  private static final int MOST_MUTATIONS = 4;
  private static final int ONE_IN_REPEATS = 500;

  /** Integers at which sizes, counts and offsets go wrong. */
  private static final long[] EDGES = {
    0,
    1,
    2,
    3,
    7,
    8,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffffffL,
    0x80000000L,
    0xfffffff0L,
    0xffffffffL
  };

  /** What JSON is made of, and what it must not be made of. */
  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\u0000",
          "\\ud800",
          "null",
          "true",
          "-1",
          "0",
          "1.5",
          "1e999",
          "NaN",
          "1e400",
          "99999999999999999999",
          "-0",
          "[[[[[[[[[[",
          "{\"a\":");

  private final SplittableRandom random;
  private final List<byte[]> seeds;
  private final boolean text;

  /**
   * @param text whether the files are JSON
   */
  Mutator(long seed, List<byte[]> seeds, boolean text) {
    this.random = new SplittableRandom(seed);
    this.seeds = seeds;
    this.text = text;
  }

  byte[] next() {
    byte[] mutant = seed();
    for (int n = random.nextInt(1, MOST_MUTATIONS + 1); n > 0; n--) {
      mutant = mutated(mutant);
    }
    return random.nextInt(ONE_IN_REPEATS) == 0 ? repeated(mutant) : mutant;
  }

  /** Whether the next mutant's checksums are to be made right. */
  boolean repairs() {
    return random.nextInt(8) > 0;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] mutated(byte[] bytes) {
    int at = position(bytes);
    int length = Math.min(bytes.length - at, random.nextInt(1, 1 << random.nextInt(1, 12)));
    return switch (random.nextInt(text ? 12 : 10)) {
      case 0 -> Arrays.copyOf(bytes, at); // torn off
      case 1 -> spliced(bytes, at, new byte[0], at + length); // a part cut out
      case 2 -> spliced(bytes, position(bytes), Arrays.copyOfRange(bytes, at, at + length), -1);
      case 3 -> { // a part of another file put in
        byte[] other = seed();
        int from = position(other);
        int to = Math.min(other.length, from + length);
        yield spliced(bytes, at, Arrays.copyOfRange(other, from, to), -1);
      }
      case 4 -> { // noise
        byte[] noisy = bytes.clone();
        for (int i = at; i < at + Math.min(length, 16); i++) {
          noisy[i] = (byte) random.nextInt();
        }
        yield noisy;
      }
      case 5, 6 -> edge(bytes, at);
      case 7, 8 -> { // one bit
        byte[] flipped = bytes.clone();
        if (at < flipped.length) {
          flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        yield flipped;
      }
      case 9 -> { // one byte a little larger or smaller
        byte[] shifted = bytes.clone();
        if (at < shifted.length) {
          shifted[at] += (byte) random.nextInt(-3, 4);
        }
        yield shifted;
      }
      default -> {
        String token = TOKENS.get(random.nextInt(TOKENS.size()));
        int end = random.nextBoolean() ? at : at + Math.min(length, 8);
        yield spliced(bytes, at, token.getBytes(StandardCharsets.UTF_8), end);
      }
    };
  }

  /** Anywhere; more often in the head of a file, where its structure is, and behind 0xff. */
  private int position(byte[] bytes) {
    if (bytes.length == 0) {
      return 0;
    }
    int at =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(Math.min(bytes.length, 64));
          case 1 -> random.nextInt(Math.min(bytes.length, 700));
          default -> random.nextInt(bytes.length);
        };
    if (random.nextInt(4) == 0) {
      for (int i = at; i < bytes.length - 1; i++) {
        if (bytes[i] == (byte) 0xff) {
          return i + 1;
        }
      }
    }
    return at;
  }

  /** One of the {@link #EDGES} of 1, 2 or 4 bytes in either order. */
  private byte[] edge(byte[] bytes, int at) {
    int size = 1 << random.nextInt(3);
    if (at + size > bytes.length) {
      return bytes;
    }
    long value = EDGES[random.nextInt(EDGES.length)] + random.nextInt(-1, 2);
    byte[] edged = bytes.clone();
    boolean bigEndian = random.nextBoolean();
    ByteBuffer buffer =
        ByteBuffer.wrap(edged).order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    switch (size) {
      case 1 -> buffer.put(at, (byte) value);
      case 2 -> buffer.putShort(at, (short) value);
      default -> buffer.putInt(at, (int) value);
    }
    return edged;
  }

  /**
   * @param to where the replaced part ends; -1 if nothing is replaced
   */
  private static byte[] spliced(byte[] bytes, int from, byte[] middle, int to) {
    int rest = to < 0 ? from : to;
    if (bytes.length + middle.length > MOST_BYTES) {
      return bytes;
    }
    byte[] spliced = Arrays.copyOf(bytes, from + middle.length + bytes.length - rest);
    System.arraycopy(middle, 0, spliced, from, middle.length);
    System.arraycopy(bytes, rest, spliced, from + middle.length, bytes.length - rest);
    return spliced;
  }

  /** With a part that is there many thousand times. */
  private byte[] repeated(byte[] bytes) {
    int at = position(bytes);
    int length = Math.min(bytes.length - at, random.nextInt(1, 100));
    if (length == 0) {
      return bytes;
    }
    int times = random.nextInt(MOST_REPEATED_BYTES / length);
    byte[] repeated = Arrays.copyOf(bytes, bytes.length + length * times);
    for (int i = 0; i < times; i++) {
      System.arraycopy(bytes, at, repeated, at + i * length, length);
    }
    System.arraycopy(bytes, at, repeated, at + times * length, bytes.length - at);
    return repeated;
  }
}
