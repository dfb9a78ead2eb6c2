package ocellus.loaders.image;

/** Height and width in pixels, in the order of a tensor's dimensions. */
public record Size(int height, int width) {
  /** The longer of the two. */
  public int longest() {
    return Math.max(height, width);
  }

  /** With width and height exchanged. */
  Size transposed() {
    return new Size(width, height);
  }

  /** As in {@code 375 x 500}, height first. */
  @Override
  public String toString() {
    return height + " x " + width;
  }
}
