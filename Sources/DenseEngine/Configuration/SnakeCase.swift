/// Keras's `to_snake_case` (keras/src/utils/naming.py), for class names: `GlorotUniform` gives `glorot_uniform`, `L1L2`
/// gives `l1l2`.
func snakeCase(_ name: String) -> String {
    var snake = ""
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
        if character.isUppercase, index > 0 {
            // A word begins at a capital after a small letter, or before one: `re_lu` in `ReLU`.
            let afterSmall = characters[index - 1].isLowercase
            let beforeSmall = index + 1 < characters.count && characters[index + 1].isLowercase
            if afterSmall || beforeSmall { snake.append("_") }
        }
        snake += character.lowercased()
    }
    return snake
}
