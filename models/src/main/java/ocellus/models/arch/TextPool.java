package ocellus.models.arch;

/** Which token of a text stands for it. Immutable. */
sealed interface TextPool {
  /** Its position. */
  int position(int[] ids);

  /** The first token with this id, or the first of all if there is none. */
  record EndToken(int id) implements TextPool {
    @Override
    public int position(int[] ids) {
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] == id) {
          return i;
        }
      }
      return 0;
    }
  }

  /** The first of those with the largest id, which is the end token's in CLIP's vocabulary. */
  record LargestId() implements TextPool {
    @Override
    public int position(int[] ids) {
      int largest = 0;
      for (int i = 1; i < ids.length; i++) {
        if (ids[i] > ids[largest]) {
          largest = i;
        }
      }
      return largest;
    }
  }

  /** The last, padding or not. */
  record Last() implements TextPool {
    @Override
    public int position(int[] ids) {
      return ids.length - 1;
    }
  }

  /** The first. */
  record First() implements TextPool {
    @Override
    public int position(int[] ids) {
      return 0;
    }
  }
}
