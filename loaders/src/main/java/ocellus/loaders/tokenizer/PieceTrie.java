package ocellus.loaders.tokenizer;

import java.util.Arrays;

/** Pieces by their characters, for the search of all pieces that begin at a place. */
final class PieceTrie {
  static final int ROOT = 0;
  static final int NONE = -1;

  private static final long FREE = -1;

  // An open hash table from a node and a character to the next node.
  private long[] keys = filled(1 << 10);
  private int[] targets = new int[1 << 10];
  private int[] ids = {NONE};
  private int nodes = 1;

  private static long[] filled(int size) {
    long[] keys = new long[size];
    Arrays.fill(keys, FREE);
    return keys;
  }

  /** Adds a piece; of equal ones the first stays. */
  void add(String piece, int id) {
    int node = ROOT;
    for (int i = 0; i < piece.length(); i++) {
      int next = next(node, piece.charAt(i));
      node = next == NONE ? insert(node, piece.charAt(i)) : next;
    }
    if (ids[node] == NONE) {
      ids[node] = id;
    }
  }

  /** The node that a character leads to, or {@link #NONE}. */
  int next(int node, char c) {
    int slot = slot(keys, key(node, c));
    return keys[slot] == FREE ? NONE : targets[slot];
  }

  /** The id of the piece that ends at a node, or {@link #NONE}. */
  int id(int node) {
    return ids[node];
  }

  private int insert(int node, char c) {
    if (2 * nodes >= keys.length) {
      grow();
    }
    if (nodes == ids.length) {
      ids = Arrays.copyOf(ids, 2 * nodes);
      Arrays.fill(ids, nodes, ids.length, NONE);
    }
    int slot = slot(keys, key(node, c));
    keys[slot] = key(node, c);
    targets[slot] = nodes;
    return nodes++;
  }

  private void grow() {
    long[] largerKeys = filled(2 * keys.length);
    int[] largerTargets = new int[2 * keys.length];
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != FREE) {
        int slot = slot(largerKeys, keys[i]);
        largerKeys[slot] = keys[i];
        largerTargets[slot] = targets[i];
      }
    }
    keys = largerKeys;
    targets = largerTargets;
  }

  private static long key(int node, char c) {
    return (long) node << 16 | c;
  }

  private static int slot(long[] keys, long key) {
    int mask = keys.length - 1;
    int slot = (int) ((key * 0x9E37_79B9_7F4A_7C15L) >>> 32) & mask;
    while (keys[slot] != FREE && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
