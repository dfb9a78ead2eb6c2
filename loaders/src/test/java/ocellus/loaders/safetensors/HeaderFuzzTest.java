package ocellus.loaders.safetensors;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static ocellus.loaders.safetensors.Bytes.entry;
import static ocellus.loaders.safetensors.Bytes.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import ocellus.loaders.safetensors.SafetensorsException.Defect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged headers give a {@link SafetensorsException} or a sound result, quickly and in bounds. */
class HeaderFuzzTest {
  private static final int MUTANTS = 100_000;

  /** Of all mutants together: far beyond what a slow machine needs, so only a hang reaches it. */
  private static final long MOST_SECONDS = 600;

  private static final long SEED = 20_260_101;

  /** What parsing a mutant may allocate: the mutants have at most a few kilobytes. */
  private static final long MOST_ALLOCATED = 256 << 10;

  private static final List<byte[]> SEEDS =
      List.of(
          file("{}"),
          file("{\"__metadata__\":{\"format\":\"pt\"}}      "),
          file("{" + entry("a", "F32", "[2,3]", 0, 24) + "}", new byte[24]),
          file(
              "{\"__metadata__\":null,%s,%s,%s}"
                  .formatted(
                      entry("blocks.0.attn.qkv.weight", "F16", "[3,4]", 0, 24),
                      entry("blocks.0.attn.qkv.bias", "BF16", "[]", 24, 26),
                      entry("empty", "I64", "[0,7]", 26, 26)),
              new byte[26]),
          file(
              "{%s,\"x\":{\"extra\":[{\"y\":1e5}],\"dtype\":\"F4\",\"shape\":[2,4],\"data_offsets\":[8,12]}}"
                  .formatted(entry("\\u00e9", "F64", "[1]", 0, 8)),
              new byte[12]));

  /** What structure-aware mutations put in. */
  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "null",
          "true",
          "-1",
          "0",
          "1.5",
          "1e999",
          "NaN",
          "\0",
          "[".repeat(200),
          "\u00ff",
          "\u00c0\u0080",
          "[[[[[[[[[[",
          "{\"a\":{\"a\":{\"a\":",
          "\"dtype\":\"F32\",",
          "\"shape\":[1],",
          "\"data_offsets\":[0,4]",
          "\"__metadata__\":{},",
          "F32",
          "BOOL",
          " ");

  /** What numbers are replaced by. */
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "2",
          "3",
          "4",
          "5",
          "6",
          "7",
          "8",
          "12",
          "16",
          "24",
          "26",
          "-1",
          "4294967296",
          "288230376151711744",
          "9223372036854775807",
          "18446744073709551616");

  private final Random random = new Random(SEED);
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  @Timeout(value = MOST_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void mutantsAreRefusedOrSound() {
    System.out.println("HeaderFuzzTest: seed " + SEED);
    Map<Defect, Integer> refused = new EnumMap<>(Defect.class);
    int accepted = 0;
    for (int i = 0; i < MUTANTS; i++) {
      byte[] mutant = mutant();
      MemorySegment segment = MemorySegment.ofArray(mutant);
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        Header header = Header.parse("fuzz", segment);
        checkSound(header, mutant);
        accepted++;
      } catch (SafetensorsException e) {
        refused.merge(e.defect(), 1, Integer::sum);
        assertTrue(
            e.getMessage().length() < 600 && e.getMessage().lines().count() == 1, e::getMessage);
      } catch (Throwable e) {
        fail("mutant %d, seed %d: %s".formatted(i, SEED, HexFormat.of().formatHex(mutant)), e);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // The first ones also load classes.
      assertTrue(i < 1000 || allocated < MOST_ALLOCATED, "mutant " + i + " took " + allocated);
    }
    // The mutations reach all of the parser, not just its first checks.
    assertTrue(accepted > MUTANTS / 100, "accepted " + accepted);
    assertEquals(EnumSet.range(Defect.TOO_SMALL, Defect.TRAILING_BYTES), refused.keySet());
  }

  /** The rules of the format, looked at from the result. */
  private static void checkSound(Header header, byte[] file) {
    long end = 0;
    for (TensorInfo t : header.tensors().values()) {
      assertTrue(t.begin() == end && t.end() >= t.begin(), t::toString);
      assertTrue(t.shape().size() * t.dtype().bits() == 8 * t.byteSize(), t::toString);
      end = t.end();
    }
    assertTrue(header.dataStart() + end == file.length);
  }

  private byte[] mutant() {
    byte[] mutant = SEEDS.get(random.nextInt(SEEDS.size()));
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      mutant = mutated(mutant);
    }
    // Mostly with a length field that is right again, or else no mutation would get past it.
    return random.nextInt(4) == 0 ? mutant : withLengthOf(mutant);
  }

  private byte[] mutated(byte[] bytes) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    int until = at + random.nextInt(bytes.length - at + 1);
    return switch (random.nextInt(12)) {
      case 0 -> flipped(bytes, at);
      case 1 -> Arrays.copyOf(bytes, at); // truncated
      case 2 -> spliced(bytes, at, token(), at); // inserted
      case 3 -> spliced(bytes, at, token(), until); // replaced
      case 4 -> spliced(bytes, at, new byte[0], until); // deleted
      case 5 -> spliced(bytes, at, Arrays.copyOfRange(bytes, at, until), at); // doubled
      case 6 -> withLengthEdited(bytes);
      default -> withNumberEdited(bytes);
    };
  }

  private byte[] flipped(byte[] bytes, int at) {
    byte[] flipped = bytes.clone();
    if (flipped.length > 0) {
      flipped[at] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }

  private byte[] token() {
    return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(ISO_8859_1);
  }

  private static byte[] spliced(byte[] bytes, int from, byte[] middle, int to) {
    byte[] spliced = Arrays.copyOf(bytes, from + middle.length + bytes.length - to);
    System.arraycopy(middle, 0, spliced, from, middle.length);
    System.arraycopy(bytes, to, spliced, from + middle.length, bytes.length - to);
    return spliced;
  }

  /** With another number in the place of the one at or after a random byte of the header. */
  private byte[] withNumberEdited(byte[] bytes) {
    int from = Math.min(bytes.length, 8 + random.nextInt(Math.max(1, bytes.length)));
    while (from < bytes.length && !isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && isDigit(bytes[to])) {
      to++;
    }
    String number = NUMBERS.get(random.nextInt(NUMBERS.size()));
    return from == to ? bytes : spliced(bytes, from, number.getBytes(ISO_8859_1), to);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private byte[] withLengthEdited(byte[] bytes) {
    byte[] edited = bytes.clone();
    if (edited.length > 0) {
      edited[random.nextInt(Math.min(8, edited.length))] = (byte) random.nextInt();
    }
    return edited;
  }

  /** The length field set to where the outermost brace closes last. */
  private static byte[] withLengthOf(byte[] bytes) {
    byte[] right = bytes.clone();
    for (int i = right.length - 1; i >= 8; i--) {
      if (right[i] == '}') {
        Bytes.littleEndian(8).putLong(i - 7L).flip().get(right, 0, 8);
        break;
      }
    }
    return right;
  }
}
