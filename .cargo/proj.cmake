# Has a function of the same name as another file of its folder.
cmake_language(DEFER CALL set_source_files_properties projections/sterea.cpp
  TARGET_DIRECTORY proj PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

if(NOT MSVC)
  file(COPY "${CMAKE_CURRENT_LIST_DIR}/FileEmbed.cmake" DESTINATION "${PROJECT_SOURCE_DIR}/cmake")
endif()
