package ocellus.loaders.tokenizer;

import java.util.Arrays;

/** Which pairs of symbols become one, in the order in which they were learned. */
final class Merges {
  private static final long FREE = -1;

  // An open hash table: the pair, and its rank.
  private final long[] pairs;
  private final int[] ranks;
  private final int mask;
  private int[] products;
  private int size;

  /**
   * @param expected how many merges are to be added
   */
  Merges(int expected) {
    int capacity = Math.max(4, Integer.highestOneBit(Math.max(1, expected)) * 4);
    pairs = new long[capacity];
    Arrays.fill(pairs, FREE);
    ranks = new int[capacity];
    mask = capacity - 1;
    products = new int[expected];
  }

  /** Adds the next merge. A pair that is there already gets the later rank. */
  void add(int left, int right, int product) {
    long pair = pair(left, right);
    int slot = slot(pair);
    pairs[slot] = pair;
    ranks[slot] = size;
    products[size++] = product;
  }

  int size() {
    return size;
  }

  /** When the pair was learned, the earlier the smaller; -1 if it never was. */
  int rank(int left, int right) {
    int slot = slot(pair(left, right));
    return pairs[slot] == FREE ? -1 : ranks[slot];
  }

  /** What the pair of a rank becomes. */
  int product(int rank) {
    return products[rank];
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  private int slot(long pair) {
    long hash = pair * 0x9E37_79B9_7F4A_7C15L;
    int slot = (int) (hash >>> 32) & mask;
    while (pairs[slot] != FREE && pairs[slot] != pair) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
