# Stand-in, see SlicerConfig.cmake. Imitates CMake/SlicerExtensionGenerateConfig.cmake: metadata must be there.
foreach(_field HOMEPAGE CONTRIBUTORS DESCRIPTION ICONURL SCREENSHOTURLS DEPENDS)
  if("${EXTENSION_${_field}}" STREQUAL "")
    message(FATAL_ERROR "EXTENSION_${_field} is not set")
  endif()
endforeach()
