package ocellus.loaders.image;

/** A part of an image: its top row, its left column, its extent. */
record Region(int top, int left, int height, int width) {
  /** The whole of an image. */
  static Region all(Size size) {
    return new Region(0, 0, size.height(), size.width());
  }
}
